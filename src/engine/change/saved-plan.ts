import { lstatSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { writeAtomically } from '../../kernel/records/atomic-file.ts'
import { printedSteps } from '../../model/command/printed.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Refusal } from '../../model/plan/outcome.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { planDocument } from '../../model/plan/plan-document.ts'
import { type Declaration, readSavedPlan, type SavedPlan, sealed } from '../../model/plan/saved-plan.ts'
import { escapeJson, escapeText } from '../../model/text/escape.ts'
import { Misshapen } from '../../model/text/shape.ts'
import type { Topology } from '../../model/topology.ts'
import { factsOf } from '../../planner/saved-plan/facts.ts'
import { hostChangesBetween } from '../../planner/saved-plan/host-changes.ts'
import type { HostAccess } from '../host/access.ts'
import { InvalidPlan, UnusableFile } from '../host/errors.ts'
import { readText } from '../host/files.ts'
import { type Loaded, loadTopology } from '../host/load.ts'

/** What a plan is made from, and for. */
interface Made {
  plan: Plan
  /** Null where it is to be destroyed. */
  topology: Topology | null
  snapshot: Snapshot
}

/** Writes a plan for `apply PLAN`: for this user alone, and whole or not at all. Throws UnusableFile. */
export async function savePlan(
  path: string,
  { plan, topology, snapshot }: Made,
  declaration: Declaration,
): Promise<void> {
  await requireReplaceable(path)
  const document = sealed({
    ...planDocument(plan),
    steps: printedSteps(plan.steps),
    declaration,
    ...factsOf(plan, topology, snapshot),
  })
  try {
    writeAtomically(path, `${escapeJson(JSON.stringify(document, null, 2))}\n`, 0o600)
  } catch (error) {
    throw new UnusableFile(path, `cannot be written: ${escapeText((error as Error).message)}`)
  }
}

/**
 * A plan is put in place by a rename. That would replace a device or a link as well, and, for one word too few on the
 * command line, the topology's file.
 */
async function requireReplaceable(path: string): Promise<void> {
  if (!statOf(dirname(path))) throw new UnusableFile(dirname(path), 'no such directory')
  const found = statOf(path)
  if (found === null || (found.isFile() && found.size === 0)) return
  if (!found.isFile()) throw new UnusableFile(path, 'is not a plain file')
  if (!looksLikePlan(await readText(path, HEAD)))
    throw new UnusableFile(path, 'exists and is no saved plan; it is not written over')
}

const HEAD = 4096

function statOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null
}

/** The variables that a topology's text names, as far as they are set. */
export function variablesOf(text: string, environment: HostAccess['environment']): Record<string, string> {
  const names = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => String(name))
  return Object.fromEntries(
    [...new Set(names)].sort().flatMap(name => {
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Whether a text is, or once was, a saved plan and no topology: those have neither of the two keys. */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"formatVersion"\s*:/.test(text) || isObjectWith(text, ['formatVersion', 'topology'])
}

function isObjectWith(text: string, keys: string[]): boolean {
  if (!/^\s*\{/.test(text)) return false
  try {
    const document = JSON.parse(text)
    return keys.every(key => Object.hasOwn(document, key))
  } catch {
    return false
  }
}

/** Throws InvalidPlan where a text is no saved plan that could be applied. */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  try {
    const document = JSON.parse(text)
    if (!('declaration' in document && 'facts' in document)) throw new Misshapen('', SAVED)
    return readSavedPlan(document)
  } catch (error) {
    const why = error instanceof Misshapen ? error.message : 'it is no whole JSON document'
    throw new InvalidPlan(file, why, `\nmake it again: nsctl plan FILE --out ${escapeText(file)}`)
  }
}

const SAVED = 'a saved plan but what plan --format json prints: it lacks what plan --out adds'

/** The topology as it was when the plan was made, with the variables of then. Throws InvalidPlan. */
export function topologyOf({ declaration, topology: name }: SavedPlan): Loaded {
  const { file, text, environment, accept } = declaration
  const loaded = loadTopology(text, { file, environment, accept })
  if (loaded.kind === 'invalid' || loaded.topology.name === name) return loaded
  throw new InvalidPlan(file, `it is of ${name}, and its text of ${loaded.topology.name}`)
}

/** The refusal of a saved plan that no longer fits the host; null where the plan made now is the same. */
export function outdatedBy(saved: SavedPlan, { plan, topology, snapshot }: Made): Refusal | null {
  const now = { ...planDocument(plan), steps: printedSteps(plan.steps), ...factsOf(plan, topology, snapshot) }
  const moves = hostChangesBetween(saved, now)
  if (moves.length === 0) return null
  return { kind: 'outdated', topology: plan.topology, plan, moves, declaration: saved.declaration }
}
