import { fileURLToPath } from 'node:url'
import { NSCTL } from '../kernel/host/host.ts'
import { createPlace, time } from './place.ts'
import { compared, type Row } from './result.ts'
import { interleaved } from './stats.ts'

const FLASK = fileURLToPath(new URL('../../examples/flask.yaml', import.meta.url))

const STARTS = [
  { label: 'nsctl --version', args: ['--version'], goal: 2.5 },
  { label: "validate the tutorial's file", args: ['validate', FLASK], goal: 4 },
  { label: "plan of the tutorial's file, nothing to do", args: ['plan', FLASK], goal: 6 },
]

/** How long nsctl takes before it has done anything, against node itself. */
export async function measureStart(rounds: number): Promise<Row[]> {
  await using host = await createPlace()
  const applied = await host.nsctl(['apply', FLASK, '--yes'])
  if (applied.exitCode !== 0) throw new Error(applied.stderr)
  const nothing = 'node -e 0'
  const measured = await interleaved([nothing, ...STARTS.map(({ label }) => label)], rounds * 4, name => {
    const start = STARTS.find(({ label }) => label === name)
    return time(host, [process.execPath, ...(start ? [NSCTL, ...start.args] : ['-e', '0'])])
  })
  return STARTS.map(({ label, goal }) => {
    const values = { nsctl: measured[label] ?? null, [nothing]: measured[nothing] ?? null }
    return compared({ part: 'start', label, size: null, unit: 'ms', values }, 'nsctl', nothing, goal)
  })
}
