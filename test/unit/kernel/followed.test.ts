import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepFollowing } from '../../../src/kernel/events/followed.ts'
import type { Follow } from '../../../src/kernel/process/long-lived.ts'

/** Tools that end when the test says so. */
function tools() {
  const started: { tool: string | undefined; end(why: string): void }[] = []
  const follow: Follow = (_, args) => {
    let end = (_why: string) => {}
    const ended = new Promise<string>(resolve => {
      end = resolve
    })
    started.push({ tool: args.at(-1), end })
    return { ended, stop: () => end('stopped') }
  }
  const log: string[] = []
  const listening = keepFollowing(follow, [tool('one'), tool('two')], {
    onInterruption: why => log.push(why),
    onResumption: () => log.push('again'),
  })
  const end = async (why: string) => {
    started.at(-1)?.end(why)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { started, log, listening, end }
}
const tool = (name: string) => ({ command: [name], line: () => {} })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a tool that ends is followed by the next, and it is told from when until when nobody listened', async () => {
  const { started, log, listening, end } = tools()
  expect(listening.isDeaf()).toBe(false)
  await end('one: exit code 3')
  expect(listening.isDeaf()).toBe(true)
  await vi.advanceTimersByTimeAsync(250)
  expect(started.map(one => one.tool)).toEqual(['one', 'two'])
  expect(listening.isDeaf()).toBe(true)
  await vi.advanceTimersByTimeAsync(500)
  expect(listening.isDeaf()).toBe(false)
  expect(log).toEqual(['one: exit code 3', 'again'])
  listening.stop()
})

test('tools that end at once are started more and more rarely, and it stays deaf', async () => {
  const { started, listening, end } = tools()
  for (const [delay, count] of [
    [250, 2],
    [500, 3],
    [1_000, 4],
  ] as const) {
    await end('gone')
    await vi.advanceTimersByTimeAsync(delay - 1)
    expect(started).toHaveLength(count - 1)
    await vi.advanceTimersByTimeAsync(1)
    expect(started).toHaveLength(count)
    expect(listening.isDeaf()).toBe(true)
  }
  listening.stop()
})

test('one that has run for long is followed soon', async () => {
  const { started, end, listening } = tools()
  for (let i = 0; i < 4; i++) {
    await end('gone')
    await vi.advanceTimersByTimeAsync(70_000)
  }
  await end('gone')
  await vi.advanceTimersByTimeAsync(250)
  expect(started).toHaveLength(6)
  listening.stop()
})
