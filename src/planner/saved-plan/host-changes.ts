import { isDeepStrictEqual } from 'node:util'
import { KINDS } from '../../kinds/all.ts'
import type { AnyKind, Kinds } from '../../kinds/kind.ts'
import { withoutPid } from '../../model/host/process.ts'
import { type Json, withoutAttributes } from '../../model/plan/resource.ts'
import type { Fact, HostChange, PlanFacts, SavedPlan, SavedStep } from '../../model/plan/saved-plan.ts'
import { canonicalJson } from '../../model/text/canonical.ts'

type Planned = PlanFacts & Pick<SavedPlan, 'changes' | 'steps'>

/**
 * What has moved between two readings of the host, as far as a plan rests on it. Where no fact has, but the plan that is
 * made of them is another, those changes are told: whatever it was, what was shown is not what would be done.
 */
export function hostChangesBetween(saved: Planned, now: Planned, kinds: Kinds = KINDS): HostChange[] {
  const shared = new Set([...saved.shared.filter(id => canBeShared(id, kinds)), ...now.shared])
  const facts = differing(byId(saved.facts, factValue), byId(now.facts, factValue))
  if (facts.length > 0) return facts
  const own = ({ id }: { id: string }) => !shared.has(id)
  const changes = differing(
    byId(saved.changes.filter(own), change => changeValue(change, kinds)),
    byId(now.changes.filter(own), change => changeValue(change, kinds)),
  )
  if (changes.length > 0)
    return changes.map(({ id, ...rest }) => ({ id: `what is planned for ${id}`, ...rest }))
  return differing(commandsByChange(saved.steps, shared), commandsByChange(now.steps, shared)).map(
    ({ id, ...rest }) => ({ id: `the commands for ${id}`, ...rest }),
  )
}

/** A file may say of anything that it is shared: only what the host has for all can be. */
function canBeShared(id: string, kinds: Kinds): boolean {
  const kind = kindOfId(id, kinds)
  return kind?.claims?.shared === true && id.startsWith(`${kind.name}/host/`)
}

function kindOfId(id: string, kinds: Kinds): AnyKind | undefined {
  return kinds.find(({ name }) => id.startsWith(`${name}/`))
}

function factValue({ attributes }: Fact): Json {
  return attributes
}

/** What is observed besides matters as far as it is among the facts. */
function changeValue({ id, action, before, after }: SavedPlan['changes'][number], kinds: Kinds): Json {
  const { observedOnly = [] } = kindOfId(id, kinds) ?? {}
  return { action, before: before && withoutAttributes(before, observedOnly), after }
}

function byId<T extends { id: string }>(items: readonly T[], told: (item: T) => Json): Map<string, Json> {
  return new Map(items.map(item => [String(item.id), asJson(told(item))]))
}

/** In their order, each with its stage. */
function commandsByChange(steps: readonly SavedStep[], shared: Set<string>): Map<string, Json> {
  const commands = new Map<string, Json[]>()
  for (const { stage, commands: all, changes } of steps) {
    all.forEach((command, i) => {
      const id = String(changes[i])
      if (shared.has(id)) return
      const line = withoutPid(`${stage}: ${canonicalJson(command)}`)
      commands.set(id, [...(commands.get(id) ?? []), line])
    })
  }
  return commands
}

function differing(before: Map<string, Json>, now: Map<string, Json>): HostChange[] {
  const ids = [...new Set([...before.keys(), ...now.keys()])]
  return ids
    .map(id => ({ id, before: before.get(id) ?? null, now: now.get(id) ?? null }))
    .filter(move => !isDeepStrictEqual(move.before, move.now))
}

/** As it was written and read back: what is undefined is not there. */
function asJson(value: Json): Json {
  return JSON.parse(JSON.stringify(value))
}
