import { createHash } from 'node:crypto'
import { takeLock } from '../kernel/lock.ts'
import { readApplied, writeApplied } from '../kernel/records.ts'
import { desiredState, observedState } from '../kinds/all.ts'
import type { Plan } from '../model/plan.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { planTopology } from '../planner/plan.ts'
import { resolveTopology } from '../planner/resolve.ts'
import { renderPlan } from '../render/plan.ts'
import { consent } from './consent.ts'
import { type ChangeOptions, type Context, Refused } from './context.ts'
import { converge } from './converge.ts'
import { readLive, readTopology } from './live.ts'
import { sayFindings } from './plan.ts'

export interface ApplyOptions extends ChangeOptions {
  /** Findings that are known and wanted, as `code:subject`. */
  accept: string[]
}

/** Plans, converges, reads back, and proves that a second plan is empty. */
export async function apply(file: string, options: ApplyOptions, context: Context): Promise<number> {
  const started = performance.now()
  const { topology, text } = await readTopology(file, context, options.accept)
  const unlock = await takeLock(context.hold, options.lockTimeout)
  try {
    const read = () => readLive(context, options, topology.name, topology)
    const snapshot = await read()
    const plan = planTopology(topology, snapshot)
    if (sayFindings(plan, context))
      throw new Refused(`${topology.name}: the host stands in the way; nothing was changed`)
    context.write(renderPlan(plan, context.colors))
    const applied = { topology, file, text, plan }
    if (plan.changes.length === 0) {
      record(applied, snapshot, performance.now() - started)
      return 0
    }
    await consent(plan, losesSomething(plan), options, context)
    const before = observedState(snapshot, topology.name)
    const verified = await converge(
      { plan, before, read, again: now => planTopology(topology, now) },
      context,
    )
    record(applied, verified, performance.now() - started)
    context.write(`${topology.name} is applied; a second plan is empty.\n`)
    return 0
  } finally {
    await unlock()
  }
}

/** An apply that only creates or updates goes ahead without asking. */
function losesSomething({ summary }: Plan): boolean {
  return summary.replace + summary.delete > 0
}

const HISTORY = 20

interface Applied {
  topology: Topology
  file: string
  text: string
  plan: Plan
}

function record({ topology, file, text, plan }: Applied, snapshot: Snapshot, ms: number): void {
  const last = readApplied(topology.name)
  const sha256 = createHash('sha256').update(text).digest('hex')
  if (last?.sha256 === sha256 && plan.changes.length === 0) return
  const appliedAt = new Date().toISOString()
  const entry = { appliedAt, sha256, summary: plan.summary, ms: Math.round(ms) }
  writeApplied({
    topology: topology.name,
    file,
    sha256,
    appliedAt,
    desired: [...desiredState(resolveTopology(topology, snapshot), snapshot).values()],
    history: [entry, ...(last?.history ?? [])].slice(0, HISTORY),
  })
}
