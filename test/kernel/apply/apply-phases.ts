import { readFileSync } from 'node:fs'
import pino from 'pino'
import { CommandFailed, createRunner, type Run } from '../../../src/kernel/process/run.ts'
import { applyReplay } from '../../../src/kernel/write/apply.ts'
import type { Batch } from '../../../src/model/plan/plan.ts'
import { NSCTL } from '../host/host.ts'

export interface Order {
  phases: Batch[][]
  reader: 'ip' | 'netlink'
  /** Whether a process may be started: without, what netlink does not do fails. */
  processes?: boolean
}

/** Applies phases to the host that it runs in, and prints what failed, a JSON list of messages. */
const { phases, reader, processes = true } = JSON.parse(readFileSync(0, 'utf8')) as Order

const none: Run = async (tool, args) => {
  throw new CommandFailed(tool, args, null, 'no process\nCommand failed -:1', 'no process', null)
}
const run = processes ? createRunner(pino({ level: 'silent' })) : none
const failures = await applyReplay({ run, reader, program: NSCTL }, phases)
console.log(JSON.stringify(failures.map(({ message }) => message)))
