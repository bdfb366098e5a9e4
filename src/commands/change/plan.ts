import { type Planned, planDirectory, planOne } from '../../engine/change/plan.ts'
import { savePlan, variablesOf } from '../../engine/change/saved-plan.ts'
import { isDirectory, readUnit } from '../../engine/host/directory.ts'
import { readFor } from '../../engine/host/read-host.ts'
import { readSavedSnapshot } from '../../engine/inspect/saved-snapshot.ts'
import { flowChanges } from '../../engine/packets/flow-changes.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { refuses } from '../../model/plan/plan.ts'
import { escapeText } from '../../model/text/escape.ts'
import type { Topology } from '../../model/topology.ts'
import { renderCommands } from '../../render/plan/commands.ts'
import { renderFlows, renderFlowsAsComments, renderFlowsMarkdown } from '../../render/plan/flows.ts'
import { renderPlanJson, renderPlansJson, type Shown } from '../../render/plan/json.ts'
import { renderPlanMarkdown } from '../../render/plan/markdown.ts'
import { renderPlan } from '../../render/plan/plan.ts'
import { type Context, type ReaderOptions, Refused } from '../context.ts'
import { DIFFERENT, USAGE } from '../exit-codes.ts'
import { readTopology, sayWarnings } from '../files/topology-file.ts'
import { hostFor, sayFindings } from '../host.ts'

export interface PlanOptions extends ReaderOptions {
  destroy: boolean
  /** Findings that are known and wanted, as `code:subject`. */
  accept: string[]
  format: 'text' | 'json' | 'markdown' | 'commands'
  detailedExitcode: boolean
  /** A snapshot to plan against instead of this host. */
  live?: string
  /** Where to save it for apply. */
  out?: string
  /** Whether to say how the flows that the file declares change. */
  flows: boolean
}

/** Shows what apply would do, and why. Reads only. */
export async function plan(file: string, options: PlanOptions, context: Context): Promise<number> {
  if (await isDirectory(file)) return planFiles(file, options, context)
  const { topology, text } = await readTopology(file, context, options.accept)
  const snapshot = await read(topology.name, topology, options, context)
  const planned = planOne(topology, snapshot, options.destroy)
  sayFindings(planned.plan, context)
  const isRefused = planned.plan.findings.some(refuses)
  if (isRefused && !showsRefused(options)) return 1
  context.write(render(await withFlows(planned, options, context), options.format, context))
  if (isRefused) return 1
  if (options.out !== undefined) await save(options.out, { file, text, planned }, options, context)
  return exitCode([planned], options)
}

/** The plans of all files of a directory. */
async function planFiles(path: string, options: PlanOptions, context: Context): Promise<number> {
  if (options.out !== undefined)
    throw new Refused('--out saves the plan of one file, not of a directory: save one for each file', USAGE)
  const unit = await readUnit(path, context.environment, options.accept)
  sayWarnings(unit.warnings, context)
  // The records of this host say nothing of the host that a snapshot is of.
  const removed = options.live === undefined ? unit.removed : []
  const plans = await planDirectory({ ...unit, removed }, options.destroy, (name, topology) =>
    read(name, topology, options, context),
  )
  for (const { plan } of plans) sayFindings(plan, context)
  const refused = plans.filter(({ plan }) => plan.findings.some(refuses))
  const shown: Shown[] = []
  for (const planned of plans)
    if (showsRefused(options) || !refused.includes(planned))
      shown.push(await withFlows(planned, options, context))
  context.write(
    options.format === 'json'
      ? renderPlansJson(shown)
      : shown.map(one => render(one, options.format, context)).join('\n'),
  )
  return refused.length > 0 ? 1 : exitCode(plans, options)
}

/** A plan for machines, or for a review, is shown with what refuses it. */
function showsRefused({ format }: PlanOptions): boolean {
  return format === 'json' || format === 'markdown'
}

function exitCode(plans: Planned[], { detailedExitcode }: PlanOptions): number {
  return detailedExitcode && plans.some(({ plan }) => plan.changes.length > 0) ? DIFFERENT : 0
}

async function read(
  name: string,
  topology: Topology | null,
  options: PlanOptions,
  context: Context,
): Promise<Snapshot> {
  return options.live === undefined
    ? readFor(
        { name, topologies: topology ? [topology] : [], allRoutes: options.flows === true },
        hostFor(context, options),
      )
    : readSavedSnapshot(options.live, name, options)
}

async function save(
  path: string,
  { file, text, planned }: { file: string; text: string; planned: Planned },
  { accept, iptables, destroy }: PlanOptions,
  context: Context,
): Promise<void> {
  const environment = variablesOf(text, context.environment)
  await savePlan(path, planned, { file, text, environment, accept, iptables, destroy })
  context.say(`nsctl: saved; to do exactly this: nsctl apply ${escapeText(path)}\n`)
}

async function withFlows(planned: Planned, options: PlanOptions, context: Context): Promise<Shown> {
  const { flows, live } = options
  const { plan: made } = planned
  if (!flows) return { made, flows: null }
  const host = live === undefined ? hostFor(context, options) : null
  return { made, flows: await flowChanges(planned, host) }
}

function render({ made, flows }: Shown, format: PlanOptions['format'], context: Context): string {
  if (format === 'json') return renderPlanJson({ made, flows })
  if (format === 'commands') return renderCommands(made) + (flows ? `\n${renderFlowsAsComments(flows)}` : '')
  if (format === 'markdown')
    return renderPlanMarkdown(made, made.findings.some(refuses)) + (flows ? renderFlowsMarkdown(flows) : '')
  return renderPlan(made, context.colors) + (flows ? `\n${renderFlows(flows, context.colors)}` : '')
}
