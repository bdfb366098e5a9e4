import { type Check, note, problem } from './finding.ts'

export const connections: Check = {
  name: 'conntrack',
  state: ({ conntrack }) =>
    conntrack === null
      ? 'not in use'
      : `${conntrack.count} of ${conntrack.max} connections (${percent(conntrack)} %)`,
  findings: ({ conntrack }) => {
    if (conntrack === null || percent(conntrack) < 70) return []
    const full = percent(conntrack) >= 90
    return [
      (full ? problem : note)(
        'conntrack-full',
        'conntrack',
        `the connection table is ${percent(conntrack)} % full`,
        'once it is full, new connections of the whole host are dropped: "nf_conntrack: table full"',
        `sysctl net.netfilter.nf_conntrack_max=${conntrack.max * 2}, and the same in /etc/sysctl.d`,
      ),
    ]
  },
}

function percent({ count, max }: { count: number; max: number }): number {
  return max === 0 ? 0 : Math.floor((count * 100) / max)
}
