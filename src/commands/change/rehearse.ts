import { readFileSync } from 'node:fs'
import { type Rehearsal, rehearseHere } from '../../engine/change/rehearse.ts'
import type { Context } from '../context.ts'
import { hostFor } from '../host.ts'

/** The inner half of a rehearsal, in fresh namespaces: reads it from standard input, and prints what came of it. */
export async function rehearseInit(context: Context): Promise<number> {
  const rehearsal = JSON.parse(readFileSync(0, 'utf8')) as Rehearsal
  const quiet = { ...context, progress: () => {}, waiting: () => () => {} }
  const host = hostFor(quiet, { iptables: rehearsal.iptables, reader: 'auto' })
  context.write(`${JSON.stringify(await rehearseHere(rehearsal, host))}\n`)
  return 0
}
