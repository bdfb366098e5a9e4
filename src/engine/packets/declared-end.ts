import { targetNamed } from '../../explain/endpoints.ts'
import type { Flow } from '../../explain/judgement.ts'
import { addressOf } from '../../model/address.ts'
import type { NetworkState, Snapshot } from '../../model/host/snapshot.ts'
import type { Expectation, Forward, Topology } from '../../model/topology.ts'

const HOST = 'host'

/** The place where a flow should end: of a published port, its namespace. Null: beyond this host, or not known. */
export function declaredEnd(
  expectation: Expectation,
  { destination, port }: Flow,
  { forwards }: Topology,
  { host, namespaces }: Snapshot,
): string | null {
  const target = targetNamed(expectation)
  if (typeof target === 'string') return null
  if (target.place in namespaces) return target.place
  const isHost = target.place === HOST || has(host, destination)
  if (!isHost) return onlyOneWith(destination, namespaces)
  // In a family that it is not published in, the port is the host's own, and leads to nobody whom the file means.
  const publishes = ({ protocols, listenAddress, listenPorts: { first, last } }: Forward) =>
    port !== null &&
    protocols.some(protocol => protocol === expectation.protocol) &&
    (listenAddress === null || listenAddress === destination) &&
    port >= first &&
    port <= last
  return forwards.find(publishes)?.target.namespace ?? HOST
}

function has({ links }: NetworkState, wanted: string): boolean {
  return links.some(({ addresses }) => addresses.some(({ address }) => addressOf(address) === wanted))
}

/** Namespaces may have one address twice, as long as no packet tells them apart. */
function onlyOneWith(address: string, namespaces: Snapshot['namespaces']): string | null {
  const [name = null, ...others] = Object.keys(namespaces).filter(one => {
    const network = namespaces[one]
    return network !== undefined && has(network, address)
  })
  return others.length === 0 ? name : null
}
