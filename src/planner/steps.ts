import { kindOf } from '../kinds/all.ts'
import { isIpv6LinkLocal } from '../kinds/link-local.ts'
import { type Command, type Operation, STAGES, type Step } from '../model/plan.ts'
import type { Resource, State } from '../model/resource.ts'
import { byKind, type Difference, followRenames } from './diff.ts'
import { forgottenFlows } from './stale.ts'

/** An operation and the change it is for. */
interface Task {
  operation: Operation
  change: string
}

/** Differences as ordered batches: one process for all commands of one sort in one place within a stage. */
export function stepsOf(differences: Difference[], observed: State, desired: State): Step[] {
  const inOrder = differences.toSorted(byKind)
  const needed = neededDirectories(desired)
  const removals = inOrder
    .toReversed()
    .flatMap(removalTasks)
    .filter(({ operation: { command } }) => !needed.has(directoryLetGo(command) ?? ''))
  const additions = [
    ...inOrder.flatMap(additionTasks),
    ...restoredTasks(differences, observed, desired),
    ...forgottenFlows(differences),
  ]
  const tasks = [...removals, ...additions]
  return STAGES.flatMap(stage => batches(tasks.filter(({ operation }) => operation.stage === stage)))
}

function removalTasks({ change, before, goesWith }: Difference): Task[] {
  if (!before || (change.action !== 'delete' && change.action !== 'replace')) return []
  const operations = kindOf(change.kind).remove(before)
  const kept = goesWith === null ? operations : operations.filter(({ command }) => command.tool === 'release')
  return kept.map(operation => ({ operation, change: change.id }))
}

/** Files of several namespaces share a claim on the directory above them: the last of them lets it go. */
function neededDirectories(desired: State): Set<string> {
  const files = [...desired.values()].filter(({ kind }) => kind === 'file')
  const operations = files.flatMap(resource => kindOf(resource.kind).remove(resource))
  return new Set(operations.flatMap(({ command }) => directoryLetGo(command) ?? []))
}

function directoryLetGo(command: Command): string | null {
  return command.tool === 'release' && command.kind === 'directory' ? command.key : null
}

function additionTasks({ change, before, after }: Difference): Task[] {
  const kind = kindOf(change.kind)
  if (!after || change.action === 'delete') return []
  const operations =
    change.action === 'update' && before
      ? kind.update(before, after, change.changed)
      : kind.create(
          change.action === 'replace' ? { ...after, attributes: change.after ?? after.attributes } : after,
        )
  return operations.map(operation => ({ operation, change: change.id }))
}

/**
 * Addresses and routes that the kernel drops along the way: a secondary address with its primary, a route with the
 * last address of its interface or when that goes down to be renamed. Both are put with `replace`, so it does no harm
 * where they are still there.
 */
function restoredTasks(differences: Difference[], observed: State, desired: State): Task[] {
  const disturbing = differences
    .map(difference => ({ change: difference.change.id, places: disturbedPlaces(difference) }))
    .filter(({ places }) => places.length > 0)
  // Hardly ever does any.
  if (disturbing.length === 0) return []
  const changed = new Set(differences.map(({ change }) => change.id))
  const unchanged = [...desired.values(), ...othersAddresses(observed, desired)].filter(
    ({ id }) => !changed.has(id),
  )
  return disturbing.flatMap(({ change, places }) =>
    unchanged
      .filter(resource => places.some(place => isAt(resource, place)))
      .flatMap(resource => kindOf(resource.kind).create(resource))
      .filter(({ stage }) => stage === 'configure')
      .map(operation => ({ operation, change })),
  )
}

/** On adopted links somebody else's addresses go the same way. */
function othersAddresses(observed: State, desired: State): Resource[] {
  return [...followRenames(observed, desired).values()].filter(
    ({ kind, owned, id, attributes }) =>
      kind === 'address' && !owned && !desired.has(id) && !isIpv6LinkLocal(String(attributes.address)),
  )
}

interface Place {
  scope: string
  dev: string
}

function disturbedPlaces({ change, before, after, goesWith }: Difference): Place[] {
  if (!before || goesWith !== null) return []
  if (change.kind === 'address' && change.action === 'delete') {
    return [{ scope: change.scope, dev: String(before.attributes.dev) }]
  }
  if (change.action !== 'update' || !after) return []
  const renames = kindOf(change.kind).renames?.(before, after) ?? []
  return renames.map(({ scope, to }) => ({ scope, dev: to }))
}

function isAt({ kind, scope, attributes }: Resource, place: Place): boolean {
  return (
    (kind === 'address' || kind === 'route') &&
    scope === place.scope &&
    (attributes.dev ?? place.dev) === place.dev
  )
}

function batches(tasks: Task[]): Step[] {
  const steps = new Map<string, Step>()
  for (const { operation, change } of tasks) {
    const key = batchKey(operation.command)
    const step = steps.get(key) ?? { stage: operation.stage, commands: [], changes: [] }
    step.commands.push(operation.command)
    step.changes.push(change)
    steps.set(key, step)
  }
  return [...steps.values()]
}

function batchKey(command: Command): string {
  switch (command.tool) {
    case 'ip':
      return `ip ${command.namespace} ${command.family ?? ''}`
    case 'tc':
    case 'sysctl':
      return `${command.tool} ${command.namespace}`
    case 'iptables-restore':
      return `iptables ${command.variant} ${command.family}`
    case 'conntrack':
      // One process for both loses count of the family between lines.
      return `conntrack ${command.family}`
    case 'claim':
    case 'release':
      return 'records'
    default:
      return 'files'
  }
}
