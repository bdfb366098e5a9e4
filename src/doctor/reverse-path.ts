import type { Snapshot } from '../model/host/snapshot.ts'
import { defaultUplinks } from '../planner/default-uplinks.ts'
import { type Check, problem } from './finding.ts'

const MODES: Record<string, string> = { 0: 'off', 1: 'strict', 2: 'loose' }

export const reversePath: Check = {
  name: 'rp_filter',
  state: ({ snapshot }) => {
    if (snapshot === null) return null
    const uplinks = defaultUplinks(snapshot, null)
    if (uplinks.length === 0) return 'no interface with a default route'
    return uplinks.map(name => `${MODES[modeOf(name, snapshot)] ?? '?'} on ${name}`).join(', ')
  },
  findings: ({ snapshot }) => {
    const uplinks = snapshot === null ? [] : defaultUplinks(snapshot, null)
    if (snapshot === null || uplinks.length < 2) return []
    return uplinks
      .filter(name => modeOf(name, snapshot) === 1)
      .map(name =>
        problem(
          'rp-filter-strict',
          name,
          `rp_filter is strict on ${name}, one of ${uplinks.length} interfaces with a default route`,
          'of what clients send through it, all is dropped whose answer would leave through another one',
          `sysctl net.ipv4.conf.${name}.rp_filter=2 (loose)`,
        ),
      )
  },
}

/** The larger of the two holds. */
function modeOf(name: string, { host }: Snapshot): number {
  const of = (key: string) => Number(host.sysctls[`net/ipv4/conf/${key}/rp_filter`] ?? 0)
  return Math.max(of('all'), of(name))
}
