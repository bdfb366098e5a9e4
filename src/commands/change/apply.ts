import { apply as applyTopology, type ApplyOptions as EngineOptions } from '../../engine/change/apply.ts'
import { applyDirectory } from '../../engine/change/apply-directory.ts'
import { destroy } from '../../engine/change/destroy.ts'
import { looksLikePlan, parseSavedPlan, topologyOf } from '../../engine/change/saved-plan.ts'
import { isDirectory, readUnit } from '../../engine/host/directory.ts'
import { MOST_READ, MOST_SAVED, readText } from '../../engine/host/files.ts'
import { InvalidTopology } from '../../model/diagnostic.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { SavedPlan } from '../../model/plan/saved-plan.ts'
import { type ApplyCommandOptions, type Context, Refused } from '../context.ts'
import { USAGE } from '../exit-codes.ts'
import { sayWarnings, topologyIn } from '../files/topology-file.ts'
import { hostFor } from '../host.ts'
import { conclude } from './conclude.ts'
import { approval, losesSomething } from './consent.ts'

/** Applies a topology file, a directory of them, or a saved plan. */
export async function apply(file: string, options: ApplyCommandOptions, context: Context): Promise<number> {
  if (await isDirectory(file)) return applyFiles(file, options, context)
  const text = await readText(file, head => (looksLikePlan(head) ? MOST_SAVED : MOST_READ))
  if (looksLikePlan(text)) return applySaved(parseSavedPlan(text, file), options, context)
  const topology = topologyIn(text, file, context, options.accept)
  return conclude(await applyTopology(topology, settingsOf(options, context)), context)
}

async function applyFiles(path: string, options: ApplyCommandOptions, context: Context): Promise<number> {
  const unit = await readUnit(path, context.environment, options.accept)
  sayWarnings(unit.warnings, context)
  // A destroy always asks, also one that only gives back what was adopted.
  const isNeeded = (plan: Plan) => unit.removed.includes(plan.topology) || losesSomething(plan)
  const settings = { ...settingsOf(options, context), approve: approval(isNeeded, options, context) }
  let code = 0
  for await (const outcome of applyDirectory(unit, settings)) code = conclude(outcome, context)
  return code
}

async function applySaved(saved: SavedPlan, options: ApplyCommandOptions, context: Context): Promise<number> {
  const settings = { ...settingsOf(optionsOf(saved, options), context), saved }
  if (saved.declaration.destroy) {
    const approve = approval(() => true, options, context)
    return conclude(await destroy(saved.topology, { ...settings, approve }), context)
  }
  const loaded = topologyOf(saved)
  if (loaded.kind === 'invalid') throw new InvalidTopology(loaded.diagnostics)
  sayWarnings(loaded.warnings, context)
  return conclude(await applyTopology(loaded.topology, settings), context)
}

function settingsOf(options: ApplyCommandOptions, context: Context): EngineOptions {
  const { confirm = null, rollback, rehearse, verify, lockTimeout } = options
  const approve = approval(losesSomething, options, context)
  return { ...hostFor(context, options), confirm, rollback, rehearse, verify, lockTimeout, approve }
}

/** A saved plan holds the options it was made with. Throws Refused where the command line says something else. */
function optionsOf(
  { declaration: { accept, iptables, destroy } }: SavedPlan,
  options: ApplyCommandOptions,
): ApplyCommandOptions {
  if (destroy && options.confirm !== undefined) {
    throw new Refused('--confirm is for plans that apply: this one is to destroy', USAGE)
  }
  if (options.accept.length > 0 || ![iptables, 'auto'].includes(options.iptables)) {
    throw new Refused('--accept and --iptables are part of a saved plan: give them to nsctl plan', USAGE)
  }
  return { ...options, accept, iptables }
}
