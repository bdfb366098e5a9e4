import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Finding } from '../../model/plan/plan.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { Topology } from '../../model/topology.ts'
import { error } from './finding.ts'

/** Namespaces that would be made where nobody else sees them, and end with the process that made them. */
export function mountFindings(
  { namespaces, file, source }: Topology,
  { host, namespaces: live }: Snapshot,
): Finding[] {
  const made = namespaces.filter(({ name }) => !live[name] || live[name].leftover).map(({ name }) => name)
  if (!host.privateMounts || made.length === 0) return []
  return [
    error(
      'private-mounts',
      '/run/netns',
      'nsctl runs in a mount namespace whose mounts the host does not see',
      [
        `${listOf(made, 5)} would be gone when it ends: a namespace is kept by its mount in /run/netns`,
        `run it in the mounts of the host: nsenter --target 1 --mount --wd="$PWD" nsctl apply ${file}`,
        'in a systemd unit take out what gives it mounts of its own: PrivateMounts=, PrivateTmp=, ProtectSystem= and the like',
      ],
      source,
    ),
  ]
}
