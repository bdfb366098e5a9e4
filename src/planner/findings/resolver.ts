import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Finding } from '../../model/plan/plan.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { Topology } from '../../model/topology.ts'
import { warning } from './finding.ts'

/** Namespaces that could look up no name: the host's resolver answers on its loopback only. */
export function resolverFindings(topology: Topology, { host }: Snapshot): Finding[] {
  const without = topology.namespaces.filter(({ nameservers }) => nameservers === null)
  const first = without[0]
  if (!first || !host.loopbackResolver || host.nameservers.length > 0 || topology.uplinks.length === 0)
    return []
  return [
    warning(
      'no-nameserver',
      first.name,
      'no name server is known that namespaces could reach',
      [
        "the host's /etc/resolv.conf names only loopback servers, and no upstream of theirs was found",
        `give nameservers under namespaces.${listOf(
          without.map(({ name }) => name),
          1,
        )}`,
      ],
      first.source,
    ),
  ]
}
