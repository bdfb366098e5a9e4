import { lstatSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { writeAtomically } from '../kernel/atomic-file.ts'
import { escapeText } from '../model/escape.ts'
import { type Plan, refuses } from '../model/plan.ts'
import { type Declaration, readSavedPlan, type SavedPlan, sealed } from '../model/saved-plan.ts'
import { Misshapen } from '../model/shape.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { factsOf } from '../planner/facts.ts'
import { movesBetween } from '../planner/moved.ts'
import { renderJson } from '../render/json.ts'
import { renderMoves } from '../render/moved.ts'
import { planDocument } from '../render/plan-json.ts'
import { type ApplyOptions, type Context, Refused } from './context.ts'
import { INVALID, USAGE } from './exit-codes.ts'
import { readText } from './files.ts'
import { topologyIn } from './live.ts'

const MOVED = 5

/** What a plan is made from, and for. */
interface Made {
  plan: Plan
  /** Null where it is to be destroyed. */
  topology: Topology | null
  snapshot: Snapshot
}

/** Writes a plan for `apply PLAN`: for this user alone, and whole or not at all. */
export async function savePlan(
  path: string,
  { plan, topology, snapshot }: Made,
  declaration: Declaration,
): Promise<void> {
  await requireReplaceable(path)
  const document = sealed({
    ...planDocument(plan),
    steps: plan.steps,
    declaration,
    ...factsOf(plan, topology, snapshot),
  })
  try {
    writeAtomically(path, renderJson(document), 0o600)
  } catch (error) {
    throw new Refused(`${escapeText(path)}: cannot be written: ${escapeText((error as Error).message)}`)
  }
}

/**
 * It is put in place by a rename, which would take the place of a device or a link as well; and of the topology's file,
 * for one word too few on the command line.
 */
async function requireReplaceable(path: string): Promise<void> {
  if (!statOf(dirname(path))) throw new Refused(`${escapeText(dirname(path))}: no such directory`)
  const found = statOf(path)
  if (found === null || (found.isFile() && found.size === 0)) return
  if (!found.isFile()) throw new Refused(`${escapeText(path)}: is not a plain file`)
  if (!looksLikePlan(await readText(path, HEAD)))
    throw new Refused(`${escapeText(path)}: exists and is no saved plan; it is not written over`)
}

const HEAD = 4096

function statOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null
}

/** The variables that a topology's text names, as far as they are set. */
export function environmentOf(text: string, environment: Context['environment']): Record<string, string> {
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

/** Throws Refused with exit code 65 where it is none that could be applied. */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  try {
    const document = JSON.parse(text)
    if (!('declaration' in document && 'facts' in document)) throw new Misshapen('', SAVED)
    return readSavedPlan(document)
  } catch (error) {
    const why = error instanceof Misshapen ? error.message : 'it is no whole JSON document'
    throw new Refused(
      `${escapeText(file)}: not a saved plan that can be applied: ${escapeText(why)}\nmake it again: nsctl plan FILE --out ${escapeText(file)}`,
      INVALID,
    )
  }
}

const SAVED = 'a saved plan but what plan --format json prints: it lacks what plan --out adds'

/** The topology as it was when the plan was made, with the variables of then. */
export function declaredIn(saved: SavedPlan, context: Context) {
  const { file, text, environment, accept } = saved.declaration
  const topology = topologyIn(text, file, { ...context, environment }, accept)
  if (topology.name === saved.topology) return { topology, file, text, saved }
  throw new Refused(
    `${escapeText(file)}: not a saved plan that can be applied: it is of ${escapeText(saved.topology)}, and its text of ${topology.name}`,
    INVALID,
  )
}

/** What a plan was made with holds for it. Throws Refused where the command line says something else. */
export function optionsOf(
  { declaration: { accept, iptables, destroy } }: SavedPlan,
  options: ApplyOptions,
): ApplyOptions {
  if (destroy && options.confirm !== undefined) {
    throw new Refused('--confirm is for plans that apply: this one is to destroy', USAGE)
  }
  if (options.accept.length > 0 || ![iptables, 'auto'].includes(options.iptables)) {
    throw new Refused('--accept and --iptables are part of a saved plan: give them to nsctl plan', USAGE)
  }
  return { ...options, accept, iptables }
}

/** Throws Refused with exit code 5 unless the plan as it would be made now is the one that was saved. */
export function refuseMoved(saved: SavedPlan, { plan, topology, snapshot }: Made): void {
  const now = { ...planDocument(plan), steps: plan.steps, ...factsOf(plan, topology, snapshot) }
  const moves = movesBetween(saved, now)
  if (moves.length === 0) return
  const { file, destroy } = saved.declaration
  const again = `nsctl plan ${escapeText(file)}${destroy ? ' --destroy' : ''} --out PLAN`
  const found = plan.findings.some(refuses) ? '; now it would be refused' : ''
  throw new Refused(
    `${plan.topology}: the saved plan no longer fits this host${found}; what has moved since:\n` +
      `${renderMoves(moves)}\nnothing was changed; look at a new plan: ${again}`,
    MOVED,
  )
}
