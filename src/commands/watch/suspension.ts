import { takeLock } from '../../kernel/lock.ts'
import { readSuspensions, watchedTopologies, writeSuspensions } from '../../kernel/watch-records.ts'
import type { Suspension } from '../../model/watch.ts'
import type { Context } from '../context.ts'
import { nameIn } from '../files.ts'

export interface SuspensionOptions {
  /** Seconds. */
  lockTimeout: number
}

/** Has watchers look but not mend, one topology or all, until resumed; what is being mended is finished first. */
export async function suspend(
  target: string | undefined,
  { lockTimeout }: SuspensionOptions,
  context: Context,
): Promise<number> {
  const name = target === undefined ? null : await nameIn(target, context)
  const unlock = await takeLock(context.hold, lockTimeout)
  try {
    const { everything, topologies } = readSuspensions()
    const one: Suspension = { since: new Date().toISOString(), by: whoAsks(context) }
    if (name === null) writeSuspensions({ everything: everything ?? one, topologies })
    else writeSuspensions({ everything, topologies: { ...topologies, [name]: topologies[name] ?? one } })
  } finally {
    await unlock()
  }
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
  { lockTimeout }: SuspensionOptions,
  context: Context,
): Promise<number> {
  const name = target === undefined ? null : await nameIn(target, context)
  const unlock = await takeLock(context.hold, lockTimeout)
  try {
    const { everything, topologies } = readSuspensions()
    const none = everything === null && Object.keys(topologies).length === 0
    if (name === null) {
      writeSuspensions({ everything: null, topologies: {} })
      context.write(none ? 'Nothing was suspended.\n' : 'Repairs go on, of every topology.\n')
      return 0
    }
    const { [name]: own, ...others } = topologies
    writeSuspensions({ everything, topologies: others })
    if (everything)
      context.write(
        `Repairs of every topology are suspended since ${everything.since}: nsctl watch resume ends that.\n`,
      )
    else context.write(own ? `Repairs of ${name} go on.\n` : `${name} was not suspended.\n`)
    return 0
  } finally {
    await unlock()
  }
}

function whoAsks({ environment: { SUDO_USER, USER } }: Context): string {
  return SUDO_USER ?? USER ?? 'root'
}
