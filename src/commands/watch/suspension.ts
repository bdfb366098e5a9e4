import { nameIn } from '../../engine/host/files.ts'
import { resume as resumeRepairs, suspend as suspendRepairs } from '../../engine/watch/suspension.ts'
import type { Suspensions } from '../../model/plan/watch.ts'
import { renderLocked } from '../../render/plan/outcome.ts'
import { type Context, Refused } from '../context.ts'
import { LOCKED } from '../exit-codes.ts'

export interface SuspensionCommandOptions {
  /** Seconds. */
  lockTimeout: number
}

/** Lets watchers look but not repair, one topology or all, until resumed. */
export async function suspend(
  target: string | undefined,
  { lockTimeout }: SuspensionCommandOptions,
  context: Context,
): Promise<number> {
  const name = target === undefined ? null : await nameIn(target, context)
  const { SUDO_USER, USER } = context.environment
  const outcome = await suspendRepairs(name, SUDO_USER ?? USER ?? 'root', { ...context, lockTimeout })
  if (outcome.kind === 'locked') throw new Refused(renderLocked(outcome.holder), LOCKED)
  const unwatched = outcome.isWatched ? '' : ' Nothing watches it now.'
  context.write(
    `Repairs of ${name ?? 'every topology'} are suspended; nsctl watch resume${name ? ` ${name}` : ''} ends that.${unwatched}\n`,
  )
  return 0
}

/** Lets them repair again. */
export async function resume(
  target: string | undefined,
  { lockTimeout }: SuspensionCommandOptions,
  context: Context,
): Promise<number> {
  const name = target === undefined ? null : await nameIn(target, context)
  const outcome = await resumeRepairs(name, { ...context, lockTimeout })
  if (outcome.kind === 'locked') throw new Refused(renderLocked(outcome.holder), LOCKED)
  context.write(`${resumed(name, outcome.before)}\n`)
  return 0
}

function resumed(name: string | null, { everything, topologies }: Suspensions): string {
  if (name === null) {
    const none = everything === null && Object.keys(topologies).length === 0
    return none ? 'Nothing was suspended.' : 'Repairs go on, of every topology.'
  }
  if (everything)
    return `Repairs of every topology are suspended since ${everything.since}: nsctl watch resume ends that.`
  return topologies[name] ? `Repairs of ${name} go on.` : `${name} was not suspended.`
}
