import {
  type Cidr,
  type Family,
  familyOf,
  formatAddress,
  formatCidr,
  isLoopback,
  isNetwork,
  networkOf,
  parseAddress,
  parseCidr,
} from '../../model/address.ts'
import { formatPorts } from '../../model/ports.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { End, Forward, PortRange, Protocol, Veth } from '../../model/topology.ts'
import { type Draft, listed, numbered } from '../parse/draft.ts'
import type { Forward as ForwardText, Target } from '../parse/file.ts'
import { readListen } from '../parse/listen.ts'
import { didYouMean } from '../parse/nearest.ts'
import { whyNoCidr } from '../parse/patterns.ts'
import { lengthOf, parsePorts } from '../parse/ports.ts'
import type { Spot } from '../parse/report.ts'
import type { Path } from '../parse/tree.ts'
import { checkConflicts } from './conflicts.ts'
import { checkSubnet, HOST } from './ends.ts'
import type { Segment } from './subnets.ts'
import { chosenUplinks } from './uplinks.ts'

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp', 'sctp']

/** An end that can be published: its far end is on the host, and the host is in its subnet. */
interface HostVeth {
  subnet: string | null
  end: End
}

export function readForwards(draft: Draft, veths: Veth[], segments: Map<string, Segment>): Forward[] {
  const reachable = publishable(veths, segments)
  const placed = numbered(draft.file.forwards).flatMap(([index, text]) => {
    const forward = readForward(text, ['forwards', index], reachable, draft)
    return forward ? [{ index, forward }] : []
  })
  checkConflicts(placed, draft)
  return placed.map(({ forward }) => forward)
}

function publishable(veths: Veth[], segments: Map<string, Segment>): Map<string, HostVeth[]> {
  const found = new Map<string, HostVeth[]>()
  for (const { subnet, ends } of veths) {
    const inside = ends.find(end => end.namespace !== HOST)
    if (!inside || !ends.some(end => end.namespace === HOST)) continue
    if (subnet !== null && segments.get(subnet)?.subnet.gateways.length === 0) continue
    const list = found.get(inside.namespace) ?? []
    list.push({ subnet, end: inside })
    found.set(inside.namespace, list)
  }
  return found
}

function readForward(
  text: ForwardText,
  path: Path,
  reachable: Map<string, HostVeth[]>,
  draft: Draft,
): Forward | null {
  const listen = readListen(text.listen, [...path, 'listen'], draft)
  const target = readTarget(text.to, [...path, 'to'], listen?.ports ?? null, reachable, draft)
  const uplinks = chosenUplinks(text.uplinks, [...path, 'uplinks'], draft)
  const sources = readSources(text, path, draft)
  if (!listen || !target) return null
  const families = listen.families.filter(family => target.families.includes(family))
  if (families.length === 0) {
    draft.report.error(
      'family-not-at-target',
      [...path, 'listen'],
      `it listens on ${listen.families.join(' and ')}; ${target.namespace} has only ${listOf(target.families)} there`,
    )
    return null
  }
  checkEffect(text, path, listen.address, sources, families, draft)
  return {
    protocols: PROTOCOLS.filter(protocol => listed(text.protocol ?? 'tcp').includes(protocol)),
    listenAddress: listen.address && formatAddress(listen.address),
    listenPorts: listen.ports,
    families,
    target: { namespace: target.namespace, interface: target.interface, ports: target.ports },
    uplinks,
    sources: sources.map(formatCidr),
    source: draft.report.sourceOf(path),
  }
}

interface ReadTarget {
  namespace: string
  interface: string
  ports: PortRange
  families: Family[]
}

function readTarget(
  written: string | Target,
  path: Path,
  listen: PortRange | null,
  reachable: Map<string, HostVeth[]>,
  draft: Draft,
): ReadTarget | null {
  const text = typeof written === 'string'
  const colon = text ? written.indexOf(':') : -1
  const name = text ? written.slice(0, colon === -1 ? undefined : colon) : written.namespace
  const nameAt: Spot = text ? { path, part: [0, name.length] } : { path: [...path, 'namespace'] }
  const port = text ? (colon === -1 ? undefined : written.slice(colon + 1)) : written.port
  const portAt: Spot = text ? { path, part: [colon + 1, written.length] } : { path: [...path, 'port'] }
  const ports = port === undefined ? listen : parsePorts(port, portAt, draft)
  if (listen && ports && lengthOf(listen) !== lengthOf(ports)) {
    draft.report.error(
      'unequal-ranges',
      portAt,
      `listen has ${lengthOf(listen)} ports, to has ${lengthOf(ports)}`,
      `for example: ${name}:${formatPorts({ first: ports.first, last: ports.first + lengthOf(listen) - 1 })}`,
    )
  }
  const subnet = text ? undefined : written.subnet
  if (!checkTargetName(name, nameAt, draft)) return null
  if (subnet !== undefined) checkSubnet(subnet, [...path, 'subnet'], draft)
  const veth = findVeth(name, subnet, nameAt, [...path, 'subnet'], reachable, draft)
  if (!veth || !ports) return null
  const { end } = veth
  const families = new Set([...end.automatic, ...end.addresses.map(familyOf)])
  if (families.size === 0) {
    // A subnet that is unknown, or has no network, was reported itself.
    if (veth.subnet !== null) return null
    draft.report.error(
      'target-without-address',
      nameAt,
      `${name}'s veth to the host has no address (line ${end.source.line})`,
    )
    return null
  }
  return { namespace: name, interface: end.interface, ports, families: [...families] }
}

function checkTargetName(name: string, at: Spot, { names, report }: Draft): boolean {
  if (names.namespaces.has(name)) return true
  const notes = didYouMean(name, names.namespaces)
  if (name === HOST) notes.push('host is the host itself: a service there needs no forward')
  if (parseAddress(name)) notes.push('a forward leads to a namespace by its name, never by address')
  report.error('unknown-namespace', at, ...notes, `declared namespaces: ${listOf(names.namespaces)}`)
  return false
}

function findVeth(
  name: string,
  subnet: string | undefined,
  nameAt: Spot,
  subnetAt: Path,
  reachable: Map<string, HostVeth[]>,
  draft: Draft,
): HostVeth | null {
  const veths = reachable.get(name) ?? []
  const found = subnet === undefined ? veths[0] : veths.find(veth => veth.subnet === subnet)
  if (found) return found
  const uncertain = draft.incomplete.has('veths') || draft.incomplete.has('subnets')
  if (uncertain || (subnet !== undefined && !draft.names.subnets.has(subnet))) return null
  if (subnet === undefined || veths.length === 0) {
    draft.report.error(
      'no-veth-to-host',
      nameAt,
      `give ${name} a veth pair whose other end is host, on a subnet with the host in it`,
    )
  } else {
    draft.report.error(
      'no-veth-on-subnet',
      subnetAt,
      `${name} has veths to the host on: ${listOf(veths.map(veth => veth.subnet ?? 'no subnet'))}`,
    )
  }
  return null
}

function readSources(text: ForwardText, path: Path, { report }: Draft): Cidr[] {
  const sources: Cidr[] = []
  text.sources?.forEach((written, index) => {
    const at = [...path, 'sources', index]
    const source = parseCidr(written)
    if (!source) report.error('invalid-cidr', at, ...whyNoCidr(written))
    else if (!isNetwork(source))
      report.error(
        'host-bits',
        { path: at, part: [0, written.indexOf('/')] },
        `the network is ${formatCidr(networkOf(source))}`,
      )
    else sources.push(source)
  })
  return sources
}

/** Restrictions that restrict nothing are most likely a mistake. */
function checkEffect(
  text: ForwardText,
  path: Path,
  address: Cidr | null,
  sources: Cidr[],
  families: Family[],
  { report }: Draft,
): void {
  const local = address !== null && isLoopback(address)
  for (const key of ['uplinks', 'sources'] as const) {
    if (local && text[key] !== undefined) {
      report.warning(
        'without-effect',
        [...path, key],
        'a loopback address is for the host alone, and the host is never restricted',
      )
    }
  }
  sources.forEach((source, index) => {
    if (families.includes(source.family)) return
    report.warning(
      'without-effect',
      [...path, 'sources', index],
      `the forward is published in ${families.join(', ')} only`,
    )
  })
}
