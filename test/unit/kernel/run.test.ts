import { expect, test } from 'vitest'
import { createRunner } from '../../../src/kernel/process/run.ts'

const silent = () => {}
const run = createRunner({ trace: silent, debug: silent, info: silent, warn: silent, error: silent })

test('a command that does not end is ended, together with what it has started', async () => {
  const heir = 'sh -c "echo begun; sleep 1000" & sleep 1000'
  const ended = run('sh', ['-c', heir], { timeout: 100 })
  await expect(ended).rejects.toThrow('did not end in time and was stopped')
})

test('so is one that does not listen, and that ends before what it has started', async () => {
  const deaf = 'sh -c "trap : TERM; while :; do sleep 0.1; done" & sleep 1000'
  await expect(run('sh', ['-c', deaf], { timeout: 100 })).rejects.toThrow('did not end in time')
})
