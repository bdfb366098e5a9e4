import { takeLock } from '../kernel/lock.ts'
import { appliedTopologies, removeApplied, removeJournal } from '../kernel/records.ts'
import { observedState } from '../kinds/all.ts'
import { planDestroy } from '../planner/plan.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { renderPlan } from '../render/plan.ts'
import { nameOfTopology } from '../topology/load.ts'
import { consent } from './consent.ts'
import { type ChangeOptions, type Context, Refused } from './context.ts'
import { converge } from './converge.ts'
import { readText } from './files.ts'
import { readLive } from './live.ts'
import { sayFindings } from './plan.ts'

export interface DestroyOptions extends ChangeOptions {
  all: boolean
}

/** Removes everything a topology owns and nothing else; needs no file. */
export async function destroy(
  target: string | undefined,
  options: DestroyOptions,
  context: Context,
): Promise<number> {
  const named = target === undefined ? null : await nameIn(target)
  const unlock = await takeLock(context.hold, options.lockTimeout)
  try {
    const present = topologiesOn(await readLive(context, options, null))
    const known = [...new Set([...present, ...appliedTopologies()])].sort()
    for (const name of chosen(named, known, options)) await destroyOne(name, options, context)
    if (known.length === 0 && named === null) context.write('No topology on this host; nothing to destroy.\n')
    return 0
  } finally {
    await unlock()
  }
}

/** An argument with `/`, or that ends as YAML files do, is a file, from which only the name is taken. */
async function nameIn(target: string): Promise<string> {
  return /\/|\.ya?ml$/.test(target) ? nameOfTopology(await readText(target), target) : target
}

function chosen(named: string | null, known: string[], { all }: DestroyOptions): string[] {
  if (named !== null) return [named]
  if (known.length <= 1 || all) return known
  throw new Refused(
    `several topologies on this host: ${known.join(', ')}; name one, or give --all; nothing was changed`,
  )
}

async function destroyOne(name: string, options: DestroyOptions, context: Context): Promise<void> {
  const read = () => readLive(context, options, name)
  const snapshot = await read()
  const plan = planDestroy(name, snapshot)
  if (sayFindings(plan, context))
    throw new Refused(`${name}: cannot be destroyed as it is; nothing was changed`)
  if (plan.changes.length > 0) {
    context.write(renderPlan(plan, context.colors))
    await consent(plan, true, options, context)
    const before = observedState(snapshot, name)
    await converge({ plan, before, read, again: now => planDestroy(name, now) }, context)
  }
  removeApplied(name)
  removeJournal(name)
  context.write(
    plan.changes.length > 0
      ? `${name} is destroyed; nothing of it is left.\n`
      : `Nothing of ${name} on this host.\n`,
  )
}
