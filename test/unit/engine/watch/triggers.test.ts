import { expect, test } from 'vitest'
import { createTriggers } from '../../../../src/engine/watch/triggers/triggers.ts'

const never = new AbortController().signal
const LATER = performance.now() + 3_600_000

test('what came before it is waited for ends the wait at once', async () => {
  const triggers = createTriggers()
  triggers.raise('file')
  await triggers.until(LATER, never)
  expect(triggers.heard()).toBe(true)
  expect(triggers.heard()).toBe(false)
})

test('a trigger, the time, or an abort ends a wait', async () => {
  const triggers = createTriggers()
  const waiting = triggers.until(LATER, never)
  triggers.raise('rules')
  await waiting
  triggers.heard()
  await triggers.until(performance.now() + 1, never)
  const stopping = new AbortController()
  const stopped = triggers.until(LATER, stopping.signal)
  stopping.abort()
  await stopped
})

test('causes are kept until they are taken, each once', () => {
  const triggers = createTriggers()
  for (const trigger of ['file', 'kernel', 'file'] as const) triggers.raise(trigger)
  triggers.heard()
  expect([...triggers.take()]).toEqual(['file', 'kernel'])
  expect([...triggers.take()]).toEqual([])
})
