import {
  confirm as confirmApply,
  rollback as rollBackApply,
  rollBackAtDeadline,
} from '../../engine/change/pending.ts'
import { nameIn } from '../../engine/host/files.ts'
import type { LockedOut, Unchosen } from '../../model/plan/outcome.ts'
import { renderLeft, renderLocked } from '../../render/plan/outcome.ts'
import { type Context, Refused } from '../context.ts'
import { LOCKED } from '../exit-codes.ts'
import { hostFor } from '../host.ts'

export interface ConfirmOptions {
  /** Seconds. */
  lockTimeout: number
}

/** Keeps an apply that waits for confirmation. */
export async function confirm(
  target: string | undefined,
  options: ConfirmOptions,
  context: Context,
): Promise<number> {
  const outcome = await confirmApply(await nameOf(target, context), settingsOf(options, context))
  switch (outcome.kind) {
    case 'confirmed':
      context.write(`${outcome.topology} is confirmed; it stays as applied.\n`)
      return 0
    case 'unfinished': {
      const { topology } = outcome
      throw new Refused(
        `${topology}: its apply has not come to its end; nsctl rollback ${topology} takes back what was done`,
      )
    }
    default:
      throw refusal(outcome, 'confirm')
  }
}

/** Rolls back, now, an apply that waits for confirmation, or one that was cut off. */
export async function rollback(
  target: string | undefined,
  options: ConfirmOptions,
  context: Context,
): Promise<number> {
  const outcome = await rollBackApply(await nameOf(target, context), settingsOf(options, context))
  switch (outcome.kind) {
    case 'rolledBack':
      context.write(`${outcome.topology} is as it was before.\n`)
      return 0
    case 'incomplete':
      context.say(
        renderLeft('could not take everything back; this is left to do', outcome.left, context.errorColors),
      )
      return 4
    default:
      throw refusal(outcome, 'roll back')
  }
}

/** The process that rolls an apply back at its deadline. */
export async function revert(topology: string, startedAt: string, context: Context): Promise<number> {
  context.write('ready\n')
  await rollBackAtDeadline(topology, startedAt, hostFor(context, EITHER))
  return 0
}

const EITHER = { iptables: 'auto', reader: 'auto' } as const

function settingsOf({ lockTimeout }: ConfirmOptions, context: Context) {
  return { ...hostFor(context, EITHER), lockTimeout }
}

async function nameOf(target: string | undefined, context: Context): Promise<string | null> {
  return target === undefined ? null : nameIn(target, context)
}

function refusal(outcome: Unchosen | LockedOut, verb: string): Refused {
  switch (outcome.kind) {
    case 'locked':
      return new Refused(renderLocked(outcome.holder), LOCKED)
    case 'severalPending':
      return new Refused(`several applies could be meant: ${outcome.topologies.join(', ')}; name one`)
    case 'nonePending': {
      const { topology } = outcome
      const which = topology === null ? 'no apply' : `${topology}: no apply of it`
      return new Refused(`${which} waits for confirmation; nothing to ${verb}`)
    }
  }
}
