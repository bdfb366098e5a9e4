import { kindOf, observedState } from '../kinds/all.ts'
import type { Change, Finding, Plan, Step, Summary } from '../model/plan.ts'
import type { Resource, State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { diff, NOT_DECLARED } from './diff.ts'
import { findingsOf } from './findings/all.ts'
import { removalFindings } from './findings/removals.ts'
import { headlineOf } from './headline.ts'
import { stepsOf } from './steps.ts'
import { wantedOn } from './wanted.ts'

/** What converges the host to a topology. */
export function planTopology(topology: Topology, snapshot: Snapshot): Plan {
  const { resolved, desired } = wantedOn(snapshot, topology)
  const observed = observedState(snapshot, topology.name)
  return makePlan(
    topology.name,
    headlineOf(resolved),
    observed,
    desired,
    findingsOf(resolved, desired, snapshot),
  )
}

const DESTROYED = 'destroyed'

/** What removes everything a topology owns: a plan towards the empty state. */
export function planDestroy(name: string, snapshot: Snapshot): Plan {
  const plan = makePlan(
    name,
    `${name}  everything it owns goes`,
    observedState(snapshot, name),
    new Map(),
    [],
  )
  const changes = plan.changes.map(change =>
    change.reason === NOT_DECLARED ? { ...change, reason: DESTROYED } : change,
  )
  return { ...plan, changes, upToDate: `Nothing of ${name} is on this host.` }
}

/** What is to be known of a plan to go back from it. */
export interface Attempt {
  topology: string
  /** Ids of all that it was to change. */
  touches: string[]
}

/**
 * What leads back to a state that was read earlier. Of what is not the topology's own only that counts which the
 * failed plan has touched: what others changed meanwhile is theirs.
 */
export function planRollback(failed: Attempt, before: State, snapshot: Snapshot): Plan {
  const touched = new Set(failed.touches)
  // What was claimed only now goes the way of its claim: another topology may have come to need it since.
  const wanted = [...before.values()].filter(
    ({ id, kind, owned }) => owned || (touched.has(id) && !kindOf(kind).claimed),
  )
  const desired = new Map(wanted.map(resource => [resource.id, asWanted(resource)]))
  const name = failed.topology
  return makePlan(name, `${name}: back to the state before`, observedState(snapshot, name), desired, [])
}

/** What was observed, as what is wanted: who else held it then, or lived in it, is not for a rollback to bring about. */
function asWanted(observed: Resource): Resource {
  const told: readonly string[] = kindOf(observed.kind).observedOnly ?? []
  const attributes = Object.fromEntries(
    Object.entries(observed.attributes).filter(([name]) => !told.includes(name)),
  )
  // Its reason is one for its going, not for its being there.
  return { ...observed, attributes, reason: null }
}

export function makePlan(
  name: string,
  headline: string,
  observed: State,
  desired: State,
  findings: Finding[],
): Plan {
  const differences = diff(observed, desired)
  const steps = stepsOf(differences, observed, desired)
  const changes = withLosses(
    differences.map(({ change }) => change),
    steps,
  )
  return {
    formatVersion: '1.0',
    topology: name,
    headline,
    upToDate: `${name} is up to date.`,
    changes,
    steps,
    findings: [...findings, ...removalFindings(changes)],
    summary: summaryOf(differences.map(({ change }) => change)),
  }
}

export function summaryOf(changes: Change[]): Summary {
  const count = (action: keyof Summary) => changes.filter(change => change.action === action).length
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
  }
}

/** Changes of which a rollback cannot undo everything, with what that is. */
function withLosses(changes: Change[], steps: Step[]): Change[] {
  const cutting = new Set(
    steps.flatMap(({ commands, changes: ids }) => ids.filter((_, i) => commands[i]?.tool === 'conntrack')),
  )
  return changes.map(change => {
    const { action, kind, id } = change
    const gone = action === 'delete' || action === 'replace' ? kindOf(kind).lost : undefined
    const lost =
      gone ??
      (action !== 'create' && cutting.has(id) ? 'connections open through rules that go are cut' : undefined)
    return lost === undefined ? change : { ...change, irreversible: lost }
  })
}
