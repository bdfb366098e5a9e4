import { type Check, note } from './finding.ts'

export const resolver: Check = {
  name: 'resolver',
  state: ({ snapshot }) =>
    snapshot === null ? null : `${snapshot.host.nameservers.join(', ') || 'none'} for namespaces`,
  findings: ({ snapshot }) =>
    snapshot?.host.loopbackResolver && snapshot.host.nameservers.length === 0
      ? [
          note(
            'no-nameserver',
            'resolver',
            "the host's /etc/resolv.conf names only loopback servers, and no upstream of theirs was found",
            'namespaces can look up no name, since a loopback server answers on the host alone',
            'give nameservers in the topology file',
          ),
        ]
      : [],
}
