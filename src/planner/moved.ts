import { isDeepStrictEqual } from 'node:util'
import { canonicalJson } from '../model/canonical.ts'
import type { Json } from '../model/resource.ts'
import type { Fact, Facts, SavedPlan, SavedStep } from '../model/saved-plan.ts'
import { withoutPid } from './facts.ts'

/** One thing on the host that is not as it was when a plan was saved; `null`: it is, or was, not there. */
export interface Move {
  id: string
  before: Json
  now: Json
}

type Planned = Facts & Pick<SavedPlan, 'changes' | 'steps'>

/**
 * What has moved between two readings of the host, as far as a plan rests on it. Where no fact has, but the plan that is
 * made of them is another, those changes are told: whatever it was, what was shown is not what would be done.
 */
export function movesBetween(saved: Planned, now: Planned): Move[] {
  // A file may say of anything that it is shared; only what the host has for all can be.
  const shared = new Set([...saved.shared.filter(isOfHost), ...now.shared])
  const facts = differing(byId(saved.facts, factValue), byId(now.facts, factValue))
  if (facts.length > 0) return facts
  const own = ({ id }: { id: string }) => !shared.has(id)
  const changes = differing(
    byId(saved.changes.filter(own), changeValue),
    byId(now.changes.filter(own), changeValue),
  )
  if (changes.length > 0)
    return changes.map(({ id, ...rest }) => ({ id: `what is planned for ${id}`, ...rest }))
  return differing(commandsByChange(saved.steps, shared), commandsByChange(now.steps, shared)).map(
    ({ id, ...rest }) => ({ id: `the commands for ${id}`, ...rest }),
  )
}

function isOfHost(id: string): boolean {
  return /^(sysctl|policy|rule|route)\/host\//.test(id)
}

function factValue({ attributes }: Fact): Json {
  return attributes
}

function changeValue({ action, before, after }: SavedPlan['changes'][number]): Json {
  const { processes: _, ...rest } = before ?? {}
  return { action, before: before && rest, after }
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

function differing(before: Map<string, Json>, now: Map<string, Json>): Move[] {
  const ids = [...new Set([...before.keys(), ...now.keys()])]
  return ids
    .map(id => ({ id, before: before.get(id) ?? null, now: now.get(id) ?? null }))
    .filter(move => !isDeepStrictEqual(move.before, move.now))
}

/** As it was written and read back: what is undefined is not there. */
function asJson(value: Json): Json {
  return JSON.parse(JSON.stringify(value))
}
