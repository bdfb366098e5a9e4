import { nameIn } from '../../engine/files.ts'
import { whileLocked } from '../../engine/lock.ts'
import { readSuspensions, watchedTopologies, writeSuspensions } from '../../kernel/watch-records.ts'
import type { Suspension, Suspensions } from '../../model/watch.ts'
import { renderLocked } from '../../render/outcome.ts'
import { type Context, Refused } from '../context.ts'
import { LOCKED } from '../exit-codes.ts'

export interface SuspensionOptions {
  /** Seconds. */
  lockTimeout: number
}

/** Has watchers look but not mend, one topology or all, until resumed; what is being mended is finished first. */
export async function suspend(
  target: string | undefined,
  options: SuspensionOptions,
  context: Context,
): Promise<number> {
  const one: Suspension = { since: new Date().toISOString(), by: whoAsks(context) }
  const { name } = await change(target, options, context, ({ everything, topologies }, name) =>
    name === null
      ? { everything: everything ?? one, topologies }
      : { everything, topologies: { ...topologies, [name]: topologies[name] ?? one } },
  )
  const what = name ?? 'every topology'
  const unwatched = name !== null && !watchedTopologies().includes(name) ? ' Nothing watches it now.' : ''
  context.write(
    `Repairs of ${what} are suspended; nsctl watch resume${name ? ` ${name}` : ''} ends that.${unwatched}\n`,
  )
  return 0
}

/** Has them mend again. */
export async function resume(
  target: string | undefined,
  options: SuspensionOptions,
  context: Context,
): Promise<number> {
  const { name, before } = await change(target, options, context, ({ everything, topologies }, name) => {
    if (name === null) return { everything: null, topologies: {} }
    const { [name]: _, ...others } = topologies
    return { everything, topologies: others }
  })
  context.write(`${resumed(name, before)}\n`)
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

/** Changes what is suspended, under the lock. `name`: of the one topology that it is about; null: of all. */
async function change(
  target: string | undefined,
  { lockTimeout }: SuspensionOptions,
  context: Context,
  to: (before: Suspensions, name: string | null) => Suspensions,
): Promise<{ name: string | null; before: Suspensions }> {
  const name = target === undefined ? null : await nameIn(target, context)
  const changed = await whileLocked(context, { lockTimeout }, async () => {
    const before = readSuspensions()
    writeSuspensions(to(before, name))
    return { name, before }
  })
  if ('kind' in changed) throw new Refused(renderLocked(changed.holder), LOCKED)
  return changed
}

function whoAsks({ environment: { SUDO_USER, USER } }: Context): string {
  return SUDO_USER ?? USER ?? 'root'
}
