import type { Snapshot } from '../../../model/host/snapshot.ts'
import type { Topology } from '../../../model/topology.ts'
import type { HostAccess } from '../../host/access.ts'
import type { WatcherEvent } from '../events.ts'

/**
 * The kernel reports events in a namespace only where the host has an id for it. A namespace with a link to the host got
 * its id with that link; the others are given one here.
 */
export async function giveNamespaceIds(
  topologies: Topology[],
  { namespaces }: Snapshot,
  { run }: Pick<HostAccess, 'run'>,
  onEvent: (event: WatcherEvent) => void,
): Promise<void> {
  const linked = new Set(topologies.flatMap(linkedToHost))
  const others = topologies
    .flatMap(topology => topology.namespaces.map(({ name }) => name))
    .filter(name => !linked.has(name) && namespaces[name] !== undefined)
  if (others.length === 0) return
  const { stdout } = await run('ip', ['netns', 'list'])
  const identified = new Set([...stdout.matchAll(/^(\S+) \(id: \d+\)$/gm)].map(([, name]) => name))
  for (const namespace of others.filter(name => !identified.has(name))) {
    // It may be gone, or have an id by now: the next observation shows that.
    await run('ip', ['netns', 'set', namespace, 'auto']).catch(error =>
      onEvent({ kind: 'namespaceNotHeard', namespace, error }),
    )
  }
}

function linkedToHost({ veths }: Topology): string[] {
  return veths
    .filter(({ ends }) => ends.some(({ namespace }) => namespace === 'host'))
    .flatMap(({ ends }) => ends.map(({ namespace }) => namespace))
}
