import { linkNamed } from '../../model/host/by-name.ts'
import type { NetworkStack } from '../../model/host/network-stack.ts'
import type { Link } from '../../model/host/snapshot.ts'
import { isLocal } from '../transit.ts'
import { stackNamed, type Walking } from '../world.ts'

/** Who is behind a link. */
export type Neighbour =
  | {
      kind: 'found'
      place: string
      input: string
      bridge: Segment | null
    }
  /** The link leads to what is no namespace of this host. */
  | { kind: 'outside' }
  | { kind: 'nobody'; why: 'no-neighbour' | 'link-down' | 'unreadable'; detail: string }

/** A bridge in between. */
export interface Segment {
  place: string
  name: string
  /** The ports that the packet comes in by and leaves by; null: the bridge itself. */
  from: string | null
  to: string | null
}

/** Follows a link of a place to whoever has the next hop's address. */
export function* findNeighbour(place: NetworkStack, dev: string, next: string): Walking<Neighbour> {
  const link = linkNamed(place.network.links, dev)
  if (!link) return { kind: 'nobody', why: 'link-down', detail: `${dev} is not there` }
  if (link.kind === 'bridge') {
    const found = yield* onBridge(place, link, next, null)
    return found ?? beyond(place, link, next)
  }
  if (link.kind !== 'veth') return { kind: 'outside' }
  const { peer } = link
  if (!peer?.namespace || !peer.interface) return { kind: 'outside' }
  const far = yield* stackNamed(peer.namespace)
  if (far === null)
    return { kind: 'nobody', why: 'unreadable', detail: `${peer.namespace} cannot be looked into` }
  const end = linkNamed(far.network.links, peer.interface)
  if (!end?.up)
    return {
      kind: 'nobody',
      why: 'link-down',
      detail: `the other end of ${dev}, ${peer.namespace}:${peer.interface}, is down`,
    }
  if (end.master !== null) {
    const bridge = linkNamed(far.network.links, end.master)
    if (!bridge?.up) return { kind: 'nobody', why: 'link-down', detail: `the bridge ${end.master} is down` }
    if (isLocal(far, next))
      return {
        kind: 'found',
        place: far.name,
        input: bridge.name,
        bridge: { place: far.name, name: bridge.name, from: end.name, to: null },
      }
    const found = yield* onBridge(far, bridge, next, end)
    return found ?? beyond(far, bridge, next)
  }
  if (isLocal(far, next)) return { kind: 'found', place: far.name, input: end.name, bridge: null }
  return nobody(next, `${far.name}, at the other end of ${dev}, has another address`)
}

/** The port of a bridge behind which somebody has the address. */
function* onBridge(
  place: NetworkStack,
  bridge: Link,
  next: string,
  from: Link | null,
): Walking<Neighbour | null> {
  for (const port of place.network.links) {
    if (port.master !== bridge.name || port === from || !port.up || !port.peer?.namespace) continue
    const far = yield* stackNamed(port.peer.namespace)
    const end = far && linkNamed(far.network.links, port.peer.interface ?? '')
    if (!far || !end?.up || end.master !== null || !isLocal(far, next)) continue
    const between = { place: place.name, name: bridge.name, from: from?.name ?? null, to: port.name }
    return { kind: 'found', place: far.name, input: end.name, bridge: between }
  }
  return null
}

/** A bridge with a port that leads off this host may have anybody behind it. */
function beyond(place: NetworkStack, bridge: Link, next: string): Neighbour {
  const leads = place.network.links.some(
    ({ master, kind, peer }) => master === bridge.name && (kind !== 'veth' || !peer?.namespace),
  )
  return leads ? { kind: 'outside' } : nobody(next, `nobody on the bridge ${bridge.name} has it`)
}

function nobody(next: string, detail: string): Neighbour {
  return { kind: 'nobody', why: 'no-neighbour', detail: `nobody answers for ${next}: ${detail}` }
}
