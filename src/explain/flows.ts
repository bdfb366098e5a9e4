import { addressOf, cidr, type Family, familyOf, isLoopback } from '../model/address.ts'
import type { Source } from '../model/diagnostic.ts'
import type { PublishedPort } from '../model/plan/status.ts'
import type { Allow, AllowPeer, Forward, PortRange, Topology } from '../model/topology.ts'
import type { NamedFlow } from './endpoints.ts'
import { type Judgement, outcomeOf } from './judgement.ts'
import { endpoint } from './packet.ts'

/** A flow that a file says something about. */
export interface DeclaredFlow {
  /** As it is shown: `tcp outside -> host:6000`. */
  label: string
  /** Of a range of ports the first and the last. */
  named: NamedFlow[]
  source: Source | null
}

/** What becomes of a flow by a plan. */
export interface FlowChange {
  label: string
  before: string
  after: string
  /** What tells why it is unreachable, before and after. */
  why: { before: string | null; after: string | null }
  changed: boolean
  source: Source | null
}

export const UNREACHABLE = 'unreachable'

/** Where a flow ends, as far as the network is concerned: `netns1:8080`. */
export function shownEnd({ verdict }: Judgement): { end: string; why: string | null } {
  if (verdict.kind === 'delivered') return { end: endpoint(verdict.place, verdict.port), why: null }
  if (verdict.kind === 'leaves') return { end: `out through ${verdict.dev}`, why: null }
  if (verdict.kind === 'undetermined')
    return { end: 'undetermined', why: verdict.unknowns.map(({ text }) => text).join('; ') }
  return { end: UNREACHABLE, why: outcomeOf(verdict) }
}

/** The flows that a topology declares: forwards, allows, expectations, and ports that it publishes now. */
export function declaredFlows(topology: Topology | null, published: PublishedPort[]): DeclaredFlow[] {
  const declared = topology
    ? [
        ...topology.forwards.flatMap(forward => forwardFlows(forward)),
        ...topology.allows.flatMap(allow => allowFlows(topology, allow)),
        ...topology.expects.map(
          ({ protocol, from, to, source }): DeclaredFlow => ({
            label: `${protocol} ${from} -> ${to}`,
            named: [{ protocol, from, to, family: null, uplink: null, source: null }],
            source,
          }),
        ),
      ]
    : []
  const undeclared = published.filter(port => !topology?.forwards.some(forward => publishes(forward, port)))
  const seen = new Map<string, DeclaredFlow>()
  for (const flow of [...declared, ...undeclared.flatMap(publishedFlows)]) {
    if (!seen.has(flow.label)) seen.set(flow.label, flow)
  }
  return [...seen.values()]
}

/** Ports that are published now and stay so, perhaps to others, are told of as the file has them. */
function publishes(forward: Forward, { protocol, listen, family, first, last }: PublishedPort): boolean {
  const { protocols, listenAddress, listenPorts, families } = forward
  const ports = listenPorts.first === first && listenPorts.last === last
  const same = protocols.some(one => one === protocol) && families.includes(family)
  return ports && same && listenAddress === listen
}

function outermost({ first, last }: PortRange): number[] {
  return first === last ? [first] : [first, last]
}

function forwardFlows(forward: Forward): DeclaredFlow[] {
  const { protocols, listenAddress, listenPorts, families, uplinks, sources, source } = forward
  const loopback = listenAddress !== null && isLoopback(cidr(listenAddress))
  const ways = loopback ? [null] : uplinks
  return protocols.flatMap(protocol =>
    families.flatMap(family =>
      ways.flatMap(uplink => {
        const allowed = sources.find(one => familyOf(one) === family)
        if (sources.length > 0 && allowed === undefined && !loopback) return []
        const from = uplink === null ? 'host' : 'outside'
        const whence = [
          uplink !== null && uplinks.length > 1 ? `through ${uplink}` : '',
          allowed === undefined || loopback ? '' : `from ${allowed}`,
        ].filter(text => text !== '')
        return [
          {
            label: `${protocol} ${[from, ...whence].join(' ')} -> ${atPorts(listenAddress ?? 'host', listenPorts)}${versionOf(family)}`,
            named: outermost(listenPorts).map(port => ({
              ...{ protocol, from, family, uplink },
              to: endpoint(listenAddress ?? 'host', port),
              source: allowed === undefined || loopback ? null : addressOf(allowed),
            })),
            source,
          },
        ]
      }),
    ),
  )
}

function publishedFlows({ protocol, listen, family, first, last }: PublishedPort): DeclaredFlow[] {
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return []
  const from = listen !== null && isLoopback(cidr(listen)) ? 'host' : 'outside'
  return [
    {
      label: `${protocol} ${from} -> ${atPorts(listen ?? 'host', { first, last })}${versionOf(family)}`,
      named: outermost({ first, last }).map(port => ({
        ...{ protocol, from, family, uplink: null, source: null },
        to: endpoint(listen ?? 'host', port),
      })),
      source: null,
    },
  ]
}

/** Any port will do where all are open; the first of a range stands for it. */
const ANY_PORT = 1

function allowFlows(topology: Topology, { from, to, protocols, ports, source }: Allow): DeclaredFlow[] {
  const [start] = placesOf(topology, from)
  const target = placesOf(topology, to).find(place => place !== start)
  if (start === undefined || target === undefined) return []
  return protocols.flatMap(protocol => {
    const ranges = protocol === 'icmp' ? [null] : ports.length === 0 ? [undefined] : ports
    return ranges.map((range): DeclaredFlow => {
      const outer = range === null ? [null] : range ? outermost(range) : [ANY_PORT]
      const open = { protocol, from: start, family: null, uplink: null, source: null }
      return {
        label: `${protocol} ${start} -> ${range ? atPorts(target, range) : target}`,
        named: outer.map(port => ({ ...open, to: endpoint(target, port) })),
        source,
      }
    })
  })
}

/** A subnet is stood for by its namespaces. */
function placesOf({ veths }: Topology, peer: AllowPeer): string[] {
  if (peer.kind === 'outside') return ['outside']
  if (peer.kind === 'namespace') return [peer.name]
  return veths
    .filter(({ subnet }) => subnet === peer.name)
    .flatMap(({ ends }) => ends.map(({ namespace }) => namespace))
    .filter(namespace => namespace !== 'host')
}

function atPorts(place: string, { first, last }: PortRange): string {
  return `${endpoint(place, first)}${last === first ? '' : `-${last}`}`
}

/** IPv4 goes without saying. */
function versionOf(family: Family): string {
  return family === 'ipv6' ? ' (IPv6)' : ''
}
