import type { Earlier } from '../kernel/earlier.ts'
import {
  appliedTopologies,
  pendingTopologies,
  readJournal,
  removeApplied,
  removeJournal,
} from '../kernel/records.ts'
import { observedState } from '../kinds/all.ts'
import { escapeText } from '../model/escape.ts'
import type { SavedPlan } from '../model/saved-plan.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { planDestroy } from '../planner/plan.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { renderPlan } from '../render/plan.ts'
import { refuseWhilePending } from './confirm.ts'
import { consent } from './consent.ts'
import { type ChangeOptions, type Context, Refused } from './context.ts'
import { converge } from './converge.ts'
import { nameIn } from './files.ts'
import { readLive } from './live.ts'
import { whileLocked } from './locked.ts'
import { sayFindings } from './plan.ts'
import { refuseMoved } from './saved-plan.ts'
import { settleClaims } from './settle-claims.ts'

export interface DestroyOptions extends ChangeOptions {
  all: boolean
}

/** Removes everything a topology owns and nothing else; needs no file. */
export async function destroy(
  target: string | undefined,
  options: DestroyOptions,
  context: Context,
): Promise<number> {
  if (target !== undefined && options.all)
    throw new Refused(`--all is every topology, ${escapeText(target)} is one: give one of the two`, USAGE)
  const named = target === undefined ? null : await nameIn(target, context)
  await whileLocked(context, options.lockTimeout, async () => {
    if (named !== null) return destroyOne({ name: named }, options, context)
    const snapshot = await readLive(context, options, null)
    const known = [
      ...new Set([...topologiesOn(snapshot), ...appliedTopologies(), ...pendingTopologies()]),
    ].sort()
    const chosen = choose(known, options)
    // What was read to find the only one serves to plan with, unless it lacks the journal of an interrupted apply.
    const only = known.length === 1 && readJournal(known[0] ?? '') === null ? snapshot : null
    for (const name of chosen) await destroyOne({ name, snapshot: only }, options, context)
    if (known.length === 0) context.write('No topology on this host; nothing to destroy.\n')
  })
  return 0
}

const USAGE = 64

/** Whoever mistyped a name sees those that there are. */
function others(snapshot: Snapshot): string {
  const names = topologiesOn(snapshot)
  return names.length === 0 ? '' : `; topologies here: ${names.join(', ')}`
}

function choose(known: string[], { all }: DestroyOptions): string[] {
  if (known.length <= 1 || all) return known
  throw new Refused(
    `several topologies on this host: ${known.join(', ')}; name one, or give --all; nothing was changed`,
  )
}

/** What was shown and saved by `plan --destroy --out`, by who holds the lock. */
export async function destroySaved(
  saved: SavedPlan,
  options: ChangeOptions,
  context: Context,
): Promise<void> {
  await destroyOne({ name: saved.topology, saved }, options, context)
}

export interface Doomed {
  name: string
  /** The host, where it was read already. */
  snapshot?: Snapshot | null
  saved?: SavedPlan
}

/** The destroy of one topology, by who holds the lock. */
export async function destroyOne(
  { name, snapshot: known = null, saved }: Doomed,
  options: ChangeOptions,
  context: Context,
): Promise<void> {
  refuseWhilePending(name)
  const read = (earlier?: Earlier) => readLive(context, options, name, null, earlier)
  const snapshot = known ?? (await read())
  const plan = planDestroy(name, snapshot)
  if (saved) refuseMoved(saved, { plan, topology: null, snapshot })
  if (sayFindings(plan, context))
    throw new Refused(`${name}: cannot be destroyed as it is; nothing was changed`)
  if (plan.changes.length > 0) {
    context.write(renderPlan(plan, context.colors))
    await consent(plan, true, options, context)
    const before = observedState(snapshot, name)
    const again = (now: Snapshot) => planDestroy(name, now)
    const record = () => removeApplied(name)
    const { iptables, reader } = options
    await converge(
      { plan, snapshot, before, read, again, iptables, reader, confirm: null, rollback: true, record },
      context,
    )
  } else {
    settleClaims(name, snapshot)
    removeApplied(name)
    removeJournal(name)
  }
  context.write(
    plan.changes.length > 0
      ? `${name} is destroyed; nothing of it is left.\n`
      : `Nothing of ${name} on this host${others(snapshot)}.\n`,
  )
}
