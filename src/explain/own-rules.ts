import { ownChain } from '../firewall/roles.ts'
import { type AppliedTopology, applyCommand, endIn, endWith } from './applied.ts'
import type { Flow, Verdict } from './judgement.ts'
import { endpoint } from './packet.ts'
import type { Hop } from './world.ts'

type Failed = Extract<Verdict, { kind: 'failed' }>

/** A rule of a topology does what its file says: which line of it would let the packet through. */
export function aboutOwnRule(
  flow: Flow,
  topology: string,
  { chain }: Failed,
  request: Hop[],
  applied: readonly AppliedTopology[],
): string[] {
  const role = chain === null ? null : ownChain(chain)?.role
  const own = applied.find(({ name }) => name === topology)
  if (role === 'antiSpoofing') return ['a namespace sends from addresses of its own subnet only']
  if (role === 'hostAccess') return aboutHostAccess(flow, topology, applied)
  const published = translatedTo(request)
  // What a published port leads to is behind an own link, unless that is not there: then the way out looks right.
  if (role === 'fence' && published !== null)
    return [
      `the link to ${published} is gone or down: nsctl status ${topology} shows it, ${applyCommand(own)} mends it`,
    ]
  if (role === 'fence')
    return ['the uplink does not make this host a router: accept it in FORWARD, or in NSCTL-USER']
  return flow.from.input === null ? fromInside(flow, topology, applied) : fromOutside(flow, topology, applied)
}

/** Where a rule has sent the packet to, without the port. */
export function translatedTo(request: readonly Hop[]): string | null {
  return request.flatMap(({ effect }) => TARGET.exec(effect)?.[1] ?? [])[0] ?? null
}

const TARGET = /^destination becomes \[?([^\]]+?)\]?:\d+$/

function aboutHostAccess({ from }: Flow, topology: string, applied: readonly AppliedTopology[]): string[] {
  const subnet = endIn(from.place, applied)?.subnet
  const whose = subnet ? `the subnet ${subnet}` : 'the subnet'
  return [`${whose} says host-access: false in ${fileOf(topology, applied)}; publish the service, or open it`]
}

function fromOutside(flow: Flow, topology: string, applied: readonly AppliedTopology[]): string[] {
  const target = endWith(flow.destination, applied)
  if (target === null)
    return [
      `in ${fileOf(topology, applied)}: publish it under forwards, or open the path from outside under allow`,
    ]
  const { namespace } = target.end
  const ways = [
    ...(flow.port === null || flow.protocol === 'icmp' ? [] : [forward(flow, namespace)]),
    allow('outside', namespace, flow),
  ]
  return [`in ${target.applied.file}: ${ways.join(', or ')}; then ${applyCommand(target.applied)}`]
}

/** A path is opened within a topology only: to what is outside, or another's, others lead. */
function fromInside(flow: Flow, topology: string, applied: readonly AppliedTopology[]): string[] {
  const start = endIn(flow.from.place, applied)
  const target = endWith(flow.destination, applied)
  if (start === null || (target === null && applied.some(one => one.topology === null)))
    return [
      `${fileOf(topology, applied)} keeps ${flow.from.place} and ${endpoint(flow.destination, flow.port)} apart`,
    ]
  if (target === null) return toOutside(start)
  const { end, applied: other } = target
  if (other === start.applied)
    return end.namespace === flow.from.place
      ? [`${endpoint(flow.destination, flow.port)} is ${flow.from.place} itself`]
      : [`in ${other.file}: ${allow(flow.from.place, end.namespace, flow)}; then ${applyCommand(other)}`]
  const port = other.ports.find(one => isTarget(one, flow))
  if (port)
    return [
      `use its published port: nsctl explain ${flow.protocol} ${flow.from.place} host:${port.first}; paths between topologies cannot be opened`,
    ]
  return flow.port === null || flow.protocol === 'icmp'
    ? ['paths between topologies cannot be opened']
    : [
        `paths between topologies cannot be opened; publish it in ${other.file}: ${forward(flow, end.namespace)}; then ${applyCommand(other)}`,
      ]
}

function isTarget(
  { protocol, target }: AppliedTopology['ports'][number],
  { destination, port, protocol: wanted }: Flow,
): boolean {
  return protocol === wanted && target.address === destination && target.port === port
}

function toOutside({ applied, topology, subnet }: NonNullable<ReturnType<typeof endIn>>): string[] {
  const uplinks = topology.uplinks.length > 0 ? topology.uplinks : ['default']
  const whole = topology.uplinks.length > 0 ? '' : 'uplinks: [default], and '
  return [
    `in ${applied.file}: ${whole}uplinks: [${uplinks.join(', ')}] for the subnet ${subnet ?? 'that it is in'}; then ${applyCommand(applied)}`,
  ]
}

function forward({ port, protocol }: Flow, namespace: string): string {
  const other = protocol === 'tcp' ? '' : `, protocol: ${protocol}`
  return `forwards: [{ listen: ${port}, to: ${namespace}:${port}${other} }]`
}

function allow(from: string, to: string, { port, protocol }: Flow): string {
  const ports = port === null || protocol === 'icmp' ? '' : `, ports: [${port}]`
  return `allow: [{ from: ${from}, to: ${to}, protocol: ${protocol}${ports} }]`
}

function fileOf(topology: string, applied: readonly AppliedTopology[]): string {
  return applied.find(({ name }) => name === topology)?.file ?? topology
}
