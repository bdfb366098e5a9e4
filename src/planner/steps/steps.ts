import { type Kinds, kindOf } from '../../kinds/kind.ts'
import { claimId, release } from '../../kinds/settings/claim.ts'
import { type Operation, STAGES, type Stage, type Step } from '../../model/plan/plan.ts'
import type { Resource, State } from '../../model/plan/resource.ts'
import type { Difference, Task } from '../diff.ts'
import { batchesOf } from './batches.ts'
import { restoredTasks } from './restored.ts'
import { staleConnectionTasks } from './stale-connections.ts'

/** Differences as ordered batches: one process for all commands of one sort in one place within a stage. */
export function stepsOf(differences: Difference[], observed: State, desired: State, kinds: Kinds): Step[] {
  const order = new Map(kinds.map(({ name }, i) => [name, i]))
  const rank = ({ change }: Difference) => order.get(change.kind) ?? 0
  const inOrder = differences.toSorted((a, b) => rank(a) - rank(b))
  const releases = releasesOf(differences, desired, kinds)
  const tasks = [
    ...inOrder.toReversed().flatMap(difference => removalTasks(difference, releases)),
    ...inOrder.flatMap(difference => additionTasks(difference, releases)),
    ...restoredTasks(differences, observed, desired, kinds),
    ...staleConnectionTasks(differences),
  ]
  return STAGES.flatMap(stage => stepsIn(stage, tasks))
}

function stepsIn(stage: Stage, tasks: Task[]): Step[] {
  const own = tasks.filter(({ operation }) => operation.stage === stage)
  const commands = own.map(({ operation }) => operation.command)
  return batchesOf(
    commands,
    own.map(({ change }) => change),
  ).map(batch => ({ stage, ...batch }))
}

/** The claims that each difference lets go. */
type Releases = (difference: Difference) => Operation[]

/** A claim that anything desired is held by is kept, whatever else it was for. */
function releasesOf(differences: Difference[], desired: State, kinds: Kinds): Releases {
  const claimsOf = (resource: Resource | null) =>
    resource ? (kindOf(resource.kind, kinds).claims?.of(resource) ?? []) : []
  const needed = new Set<string>()
  if (differences.some(({ before }) => claimsOf(before).length > 0)) {
    for (const resource of desired.values())
      for (const claim of claimsOf(resource)) needed.add(claimId(claim))
  }
  return ({ before }) =>
    claimsOf(before)
      .filter(claim => !needed.has(claimId(claim)))
      .map(release)
}

function removalTasks(difference: Difference, releases: Releases): Task[] {
  const { change, kind, before, goesWith } = difference
  if (!before || (change.action !== 'delete' && change.action !== 'replace')) return []
  const operations = goesWith === null ? kind.remove(before) : []
  return [...operations, ...releases(difference)].map(operation => ({ operation, change: change.id }))
}

function additionTasks(difference: Difference, releases: Releases): Task[] {
  const { change, kind, before, after } = difference
  if (!after || change.action === 'delete') return []
  const operations =
    change.action === 'update' && before
      ? [...kind.update(before, after, change.changed), ...releases(difference)]
      : kind.create(
          change.action === 'replace' ? { ...after, attributes: change.after ?? after.attributes } : after,
        )
  return operations.map(operation => ({ operation, change: change.id }))
}
