import { NSCTL } from '../kernel/host/host.ts'
import { createPlace, settle, time } from './place.ts'
import { compared, type Row } from './result.ts'
import { asTopology, TOPOLOGY } from './work.ts'

const SIZES = [1000, 2000, 4000]
const FORWARDS = 5
const FILE = '/run/bench/bench.yaml'

type Work = 'apply' | 'plan' | 'destroy'

/** Whether a topology twice as large costs twice as much, with as many ports as a host has namespaces times five. */
export async function measureGrowth(limit: string | null): Promise<Row[]> {
  const rows: Row[] = []
  const first = new Map<string, number>()
  for (const size of SIZES) {
    console.error(`${size} namespaces, ${size * FORWARDS} forwards`)
    const took = await measure(size, limit)
    for (const work of ['apply', 'plan', 'destroy'] as const) {
      const { nsctl, limit: least } = took[work]
      if (!first.has(work)) first.set(work, nsctl / size)
      const linear = (first.get(work) ?? 0) * size
      const label = `${work}, ${size} namespaces and ${size * FORWARDS} forwards`
      const values = { nsctl, linear, limit: least }
      rows.push(compared({ part: 'growth', label, size, unit: 'ms', values }, 'nsctl', 'linear', null))
    }
  }
  return rows
}

async function measure(
  size: number,
  limit: string | null,
): Promise<Record<Work, { nsctl: number; limit: number | null }>> {
  await using host = await createPlace()
  await host.write(FILE, asTopology(size, false, FORWARDS))
  const nsctl = (...args: string[]) => time(host, [process.execPath, NSCTL, ...args])
  const apply = await nsctl('apply', FILE, '--yes')
  const plan = await nsctl('plan', FILE)
  const read = limit === null ? null : await time(host, [limit, 'read'])
  const destroy = await nsctl('destroy', TOPOLOGY, '--yes')
  await settle()
  const create = limit === null ? null : await time(host, [limit, 'create', String(size)])
  return {
    apply: { nsctl: apply, limit: create },
    plan: { nsctl: plan, limit: read },
    destroy: { nsctl: destroy, limit: null },
  }
}
