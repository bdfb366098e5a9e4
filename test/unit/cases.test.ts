import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model/plan/plan.ts'
import { planDestroy, planTopology } from '../../src/planner/plan.ts'
import { renderCommands } from '../../src/render/plan/commands.ts'
import { renderFindings } from '../../src/render/plan/findings.ts'
import { renderPlan } from '../../src/render/plan/plan.ts'
import { loadTopology } from '../../src/topology/load.ts'
import { snapshotOf } from '../cases/snapshots.ts'

/**
 * A case is a folder: topology.yaml, snapshot.json (the live host, see cases/snapshots.ts; none: a fresh one), and
 * plan.txt, what nsctl says. UPDATE=1 writes plan.txt. A folder called `destroy-…` plans the destruction. Where
 * plan.txt has a line `== commands` they follow. host.sh, where there is one, tells how the host got that way, and
 * makes snapshot.json: see cases/record.ts.
 */
const CASES = fileURLToPath(new URL('../cases/', import.meta.url))
const COMMANDS = '\n== commands\n'

const names = readdirSync(CASES, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name)

describe('plans', () => {
  test.each(names)('%s', name => {
    const expected = `${CASES}${name}/plan.txt`
    const before = existsSync(expected) ? readFileSync(expected, 'utf8') : ''
    const text = textOf(planOf(name), before.includes(COMMANDS))
    if (process.env.UPDATE) writeFileSync(expected, text)
    else expect(text).toBe(before)
  })
})

function planOf(name: string): Plan {
  const { topology } = loadTopology(
    readFileSync(`${CASES}${name}/topology.yaml`, 'utf8'),
    'topology.yaml',
    {},
  )
  const snapshot = snapshotOf(name)
  return name.startsWith('destroy-') ? planDestroy(topology.name, snapshot) : planTopology(topology, snapshot)
}

/** What a terminal shows: nothing is applied while an error stands in the way, so then no plan is shown either. */
function textOf(plan: Plan, withCommands: boolean): string {
  const plain = pc.createColors(false)
  const findings = renderFindings(plan.findings, plain)
  if (plan.findings.some(({ severity }) => severity === 'error')) return findings
  const commands = withCommands ? `${COMMANDS}\n${renderCommands(plan)}` : ''
  return [findings, renderPlan(plan, plain)].filter(text => text !== '').join('\n') + commands
}
