import { bracketed, cidr, isLoopback } from '../model/address.ts'
import { formatPorts } from '../model/ports.ts'
import type { Allow, AllowPeer, Forward, Topology } from '../model/topology.ts'
import type { GraphEdge, GraphRow } from './graph.ts'
import { edge, namespaceId, OUTSIDE, row, subnetId, uplinkId } from './parts.ts'

/** A namespace's published ports: what the host listens on, and where that leads. */
export function forwardRows(topology: Topology, namespace: string): GraphRow[] {
  return topology.forwards
    .filter(({ target }) => target.namespace === namespace)
    .map(forward => {
      const { target, protocols, sources } = forward
      const limits = [
        ...(protocols.join() === 'tcp' ? [] : [protocols.join('/')]),
        ...(sources.length === 0
          ? []
          : [`from ${sources.length === 1 ? sources[0] : `${sources.length} networks`}`]),
      ]
      return row('forward', listenText(forward), [`→ ${formatPorts(target.ports)}`, ...limits].join('  '))
    })
}

/** One edge for all ports that lead from an uplink to a namespace. */
export function forwardEdges({ forwards }: Topology): GraphEdge[] {
  const edges = new Map<string, GraphEdge>()
  for (const forward of forwards.filter(
    one => one.listenAddress === null || !isLoopback(cidr(one.listenAddress)),
  )) {
    for (const uplink of forward.uplinks) {
      const fresh = edge('forward', uplinkId(uplink), namespaceId(forward.target.namespace))
      const found = edges.get(fresh.id) ?? fresh
      edges.set(found.id, {
        ...found,
        labels: [...found.labels, `${listenText(forward)} → ${formatPorts(forward.target.ports)}`],
        details: [...found.details, forwardText(forward)],
      })
    }
  }
  return [...edges.values()]
}

/** One edge for all that may pass directly from one to another. */
export function allowEdges({ allows }: Topology): GraphEdge[] {
  const edges = new Map<string, GraphEdge>()
  for (const allow of allows) {
    const fresh = edge('allow', peerId(allow.from), peerId(allow.to))
    const found = edges.get(fresh.id) ?? fresh
    const text = allowText(allow)
    edges.set(found.id, {
      ...found,
      labels: [...found.labels, text],
      details: [...found.details, `${peerName(allow.from)} may reach ${peerName(allow.to)}: ${text}`],
    })
  }
  return [...edges.values()]
}

/** `tcp 5432, 8000-8010`. */
function allowText({ protocols, ports }: Allow): string {
  const what = protocols.length === 0 ? 'everything' : protocols.join('/')
  return ports.length === 0 ? what : `${what} ${ports.map(range => formatPorts(range)).join(', ')}`
}

function forwardText(forward: Forward): string {
  const { protocols, target, sources } = forward
  const from = sources.length === 0 ? '' : `, from ${sources.join(', ')}`
  return `${protocols.join('/')} ${listenText(forward)} leads to ${target.namespace}:${formatPorts(target.ports)}${from}`
}

function listenText({ listenAddress, listenPorts, families }: Forward): string {
  const any = families.length === 1 ? (families[0] === 'ipv4' ? '' : '[::]') : ''
  const address = listenAddress === null ? any : bracketed(listenAddress)
  return `${address}:${formatPorts(listenPorts)}`
}

function peerId(peer: AllowPeer): string {
  if (peer.kind === 'outside') return OUTSIDE
  return peer.kind === 'subnet' ? subnetId(peer.name) : namespaceId(peer.name)
}

function peerName(peer: AllowPeer): string {
  return peer.kind === 'outside' ? 'the outside' : peer.name
}
