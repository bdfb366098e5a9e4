import { KINDS, observedState } from '../kinds/all.ts'
import { type Kinds, kindOf } from '../kinds/kind.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import type { Change, Finding, Plan, Step, Summary } from '../model/plan/plan.ts'
import { type Resource, type State, withoutAttributes } from '../model/plan/resource.ts'
import type { Topology } from '../model/topology.ts'
import { desiredOn } from './desired.ts'
import { type Difference, diff, NOT_DECLARED } from './diff.ts'
import { findingsOf } from './findings/all.ts'
import { ofPresentUplinks, removalFindings } from './findings/removals.ts'
import { foreignJumpFindings } from './findings/rules/foreign-jumps.ts'
import { unreadableOnTheWayOut } from './findings/rules/unreadable.ts'
import { headlineOf } from './headline.ts'
import { stepsOf } from './steps/steps.ts'
import { readableOf, unreadableFor } from './unreadable.ts'

/** What converges the host to a topology. */
export function planTopology(topology: Topology, snapshot: Snapshot, kinds: Kinds = KINDS): Plan {
  const { resolved, desired } = desiredOn(snapshot, topology, kinds)
  const observed = observedState(snapshot, topology.name, kinds)
  const found = [
    ...findingsOf(resolved, desired, snapshot),
    ...foreignJumpFindings(topology.name, { observed, desired }, snapshot),
  ]
  const plan = makePlan(topology.name, headlineOf(resolved), observed, desired, found, kinds)
  return { ...plan, findings: ofPresentUplinks(plan.findings, snapshot) }
}

const DESTROYED = 'destroyed'

/** What removes everything a topology owns: a plan towards the empty state. */
export function planDestroy(name: string, snapshot: Snapshot, kinds: Kinds = KINDS): Plan {
  const observed = observedState(snapshot, name, kinds)
  const found = [
    ...unreadableOnTheWayOut(name, observed, snapshot),
    ...foreignJumpFindings(name, { observed, desired: new Map() }, snapshot),
  ]
  const plan = makePlan(name, `${name}  everything it owns goes`, observed, new Map(), found, kinds)
  const changes = plan.changes.map(change =>
    change.reason === NOT_DECLARED ? { ...change, reason: DESTROYED } : change,
  )
  const findings = ofPresentUplinks(plan.findings, snapshot)
  return { ...plan, changes, findings, upToDate: `Nothing of ${name} is on this host.` }
}

/** What is to be known of a plan to go back from it. */
export interface Attempt {
  topology: string
  /** Ids of all that it was to change. */
  touches: string[]
}

/**
 * What leads back to a state that was read earlier. Of what is not the topology's own only that counts which the
 * failed plan has touched: what others changed meanwhile is theirs. What is in a table that cannot be read is left as it is.
 */
export function planRollback(failed: Attempt, before: State, snapshot: Snapshot, kinds: Kinds = KINDS): Plan {
  const touched = new Set(failed.touches)
  // A value that was claimed only now goes the way of its claim: another topology may have come to need it since.
  const wanted = [...before.values()].filter(
    ({ id, kind, owned }) => owned || (touched.has(id) && !kindOf(kind, kinds).claims?.value),
  )
  const desired = new Map(wanted.map(resource => [resource.id, asWanted(resource, kinds)]))
  const name = failed.topology
  const observed = observedState(snapshot, name, kinds)
  const unreadable = unreadableFor(name, [desired, observed], snapshot)
  const [from, to] = [observed, desired].map(state => readableOf(state, unreadable)) as [State, State]
  return makePlan(name, `${name}: back to the state before`, from, to, [], kinds)
}

/** What was observed, as what is wanted: who else held it then, or lived in it, is not for a rollback to bring about. */
function asWanted(observed: Resource, kinds: Kinds): Resource {
  const { observedOnly = [] } = kindOf(observed.kind, kinds)
  const attributes = withoutAttributes(observed.attributes, observedOnly)
  // Its reason is one for its going, not for its being there.
  return { ...observed, attributes, reason: null }
}

export function makePlan(
  name: string,
  headline: string,
  observed: State,
  desired: State,
  findings: Finding[],
  kinds: Kinds = KINDS,
): Plan {
  const differences = diff(observed, desired, kinds)
  const steps = stepsOf(differences, observed, desired, kinds)
  const changes = withLosses(differences, steps)
  return {
    formatVersion: '1.0',
    topology: name,
    headline,
    upToDate: `${name} is up to date.`,
    changes,
    steps,
    findings: [...findings, ...removalFindings(changes)],
    summary: summaryOf(changes),
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
function withLosses(differences: Difference[], steps: Step[]): Change[] {
  const cutting = new Set(
    steps.flatMap(({ commands, changes: ids }) => ids.filter((_, i) => commands[i]?.tool === 'conntrack')),
  )
  return differences.map(({ change, kind }) => {
    const { action, id } = change
    const gone = action === 'delete' || action === 'replace' ? kind.deletion?.lost : undefined
    const lost =
      gone ??
      (action !== 'create' && cutting.has(id) ? 'connections open through rules that go are cut' : undefined)
    return lost === undefined ? change : { ...change, irreversible: lost }
  })
}
