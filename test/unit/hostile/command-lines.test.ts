import { expect, test } from 'vitest'
import { parseCommandLine } from '../../../src/cli/program.ts'
import type { Context } from '../../../src/commands/context.ts'
import { exitCodeOf } from '../../../src/commands/exit-codes.ts'
import { WRONG_USAGE } from './command-lines.ts'
import { expectPrintable } from './judge.ts'

/** A context in which everything that could do something throws. */
const nothing = new Proxy({} as Context, {
  get: (_, key) => {
    if (key === 'environment') return {}
    throw new Error(`context.${String(key)} was used`)
  },
})

test.each(WRONG_USAGE.map(args => [JSON.stringify(args).slice(0, 100), args] as const))(
  'wrong usage is said, in plain text, and nothing is done: %s',
  async (_, args) => {
    const invocation = parseCommandLine([...args], '0.0.0')
    if (invocation.kind === 'print') {
      expect(invocation.exitCode).toBe(64)
      expect(invocation.stdout).toBe('')
      expect(invocation.stderr).not.toBe('')
      expectPrintable(invocation.stderr)
      // A line of an argument would pass for one of nsctl's own.
      expect(invocation.stderr).not.toMatch(/^nsctl: all is well/m)
      return
    }
    const failure = await invocation.run(nothing).then(
      () => null,
      error => error,
    )
    expect(exitCodeOf(failure)).toBe(64)
    expectPrintable(failure.message)
  },
)

test('they are very many', () => {
  expect(new Set(WRONG_USAGE.map(args => JSON.stringify(args))).size).toBeGreaterThan(200)
})
