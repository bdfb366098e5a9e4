import { escapeText } from '../model/escape.ts'
import { type Change, type Plan, refuses } from '../model/plan.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { planDestroy, planTopology } from '../planner/plan.ts'
import { predict } from '../planner/predict.ts'
import { renderFindings } from '../render/findings.ts'
import { renderFlows, renderFlowsAsComments, renderFlowsMarkdown } from '../render/flows.ts'
import { renderPlan } from '../render/plan.ts'
import { renderCommands } from '../render/plan-commands.ts'
import { renderPlanJson, renderPlansJson, type Shown } from '../render/plan-json.ts'
import { renderPlanMarkdown } from '../render/plan-markdown.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { isDirectory, readUnit } from './directory.ts'
import { USAGE } from './exit-codes.ts'
import { flowChanges } from './flows.ts'
import { readLive, readTopology } from './live.ts'
import { environmentOf, savePlan } from './saved-plan.ts'
import { readSavedSnapshot } from './saved-snapshot.ts'

export interface PlanOptions extends HostOptions {
  destroy: boolean
  /** Findings that are known and wanted, as `code:subject`. */
  accept: string[]
  format: 'text' | 'json' | 'markdown' | 'commands'
  detailedExitcode: boolean
  /** A snapshot to plan against instead of this host. */
  live?: string
  /** Where to save it for apply. */
  out?: string
  /** Whether to tell what becomes of the flows that the file declares. */
  flows: boolean
}

/** Shows what apply would do, and why. Reads only. */
export async function plan(file: string, options: PlanOptions, context: Context): Promise<number> {
  if (await isDirectory(file)) return planDirectory(file, options, context)
  const { topology, text } = await readTopology(file, context, options.accept)
  const snapshot: Snapshot = await (options.live === undefined
    ? readLive(context, options, topology.name, topology)
    : readSavedSnapshot(options.live, topology.name, options))
  const made = options.destroy ? planDestroy(topology.name, snapshot) : planTopology(topology, snapshot)
  const told = ['json', 'markdown'].includes(options.format)
  if (sayFindings(made, context) && !told) return 1
  const shown = await withFlows(made, topology, snapshot, options, context)
  context.write(render(shown, options.format, context))
  if (made.findings.some(refuses)) return 1
  if (options.out !== undefined) {
    const { destroy, accept, iptables } = options
    const environment = environmentOf(text, context.environment)
    const declared = destroy ? null : topology
    await savePlan(
      options.out,
      { plan: made, topology: declared, snapshot },
      { file, text, environment, accept, iptables, destroy },
    )
    context.say(`nsctl: saved; to do exactly this: nsctl apply ${escapeText(options.out)}\n`)
  }
  return options.detailedExitcode && made.changes.length > 0 ? 2 : 0
}

/**
 * The plans to destroy what has no file any more, which makes room, then those of every file; each of these is made as if
 * it were the only one.
 */
async function planDirectory(path: string, options: PlanOptions, context: Context): Promise<number> {
  if (options.out !== undefined)
    throw new Refused('--out saves the plan of one file, not of a directory: save one for each file', USAGE)
  const { topologies, removed } = await readUnit(path, context, options.accept)
  const live = (name: string, topology: Topology | null) =>
    options.live === undefined
      ? readLive(context, options, name, topology)
      : readSavedSnapshot(options.live, name, options)
  const plans: Shown[] = []
  const show = async (made: Plan, topology: Topology | null, snapshot: Snapshot) =>
    plans.push(await withFlows(made, topology, snapshot, options, context))
  // What has been applied here is no record of the host that a snapshot is of.
  const gone: Change[] = []
  for (const name of options.live === undefined ? removed : []) {
    const snapshot = await live(name, null)
    const made = planDestroy(name, snapshot)
    await show(made, null, snapshot)
    gone.push(...made.changes)
  }
  for (const { topology } of topologies) {
    const snapshot = predict(await live(topology.name, topology), gone)
    const made = options.destroy ? planDestroy(topology.name, snapshot) : planTopology(topology, snapshot)
    await show(made, topology, snapshot)
  }
  const told = ['json', 'markdown'].includes(options.format)
  const refused = plans.filter(({ made }) => sayFindings(made, context))
  const shown = told ? plans : plans.filter(plan => !refused.includes(plan))
  context.write(
    options.format === 'json'
      ? renderPlansJson(shown)
      : shown.map(plan => render(plan, options.format, context)).join('\n'),
  )
  if (refused.length > 0) return 1
  return options.detailedExitcode && plans.some(({ made }) => made.changes.length > 0) ? 2 : 0
}

/** Says what stands in the way; returns whether the plan is refused for it. */
export function sayFindings(made: Plan, context: Context): boolean {
  const untold = made.findings.filter(({ accepted }) => !accepted)
  if (untold.length > 0) context.say(renderFindings(untold, context.errorColors))
  return made.findings.some(refuses)
}

async function withFlows(
  made: Plan,
  topology: Topology | null,
  snapshot: Snapshot,
  { flows, destroy, live }: PlanOptions,
  context: Context,
): Promise<Shown> {
  if (!flows) return { made, flows: null }
  const declared = destroy ? null : topology
  return { made, flows: await flowChanges(declared, made, snapshot, live === undefined, context) }
}

function render({ made, flows }: Shown, format: PlanOptions['format'], context: Context): string {
  if (format === 'json') return renderPlanJson({ made, flows })
  if (format === 'commands') return renderCommands(made) + (flows ? `\n${renderFlowsAsComments(flows)}` : '')
  if (format === 'markdown')
    return renderPlanMarkdown(made, made.findings.some(refuses)) + (flows ? renderFlowsMarkdown(flows) : '')
  return renderPlan(made, context.colors) + (flows ? `\n${renderFlows(flows, context.colors)}` : '')
}
