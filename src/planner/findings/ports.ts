import { addressOf, cidr, familyOf, isLoopback } from '../../model/address.ts'
import type { Listener, Snapshot } from '../../model/host/snapshot.ts'
import type { Finding } from '../../model/plan/plan.ts'
import { formatPorts } from '../../model/ports.ts'
import type { Forward, PortRange, Protocol, Topology } from '../../model/topology.ts'
import { error, warning } from './finding.ts'
import { foreignDnats, takesFrom } from './foreign-dnats.ts'
import { nativeDnats } from './native-dnats.ts'

/** Published ports that somebody else holds: a listener on the host, another topology, another manager's DNAT. */
export function portFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  const foreign = [...foreignDnats(topology, snapshot), ...nativeDnats(snapshot)]
  const found = topology.forwards.flatMap(forward => [
    ...missingAddress(forward, topology, snapshot),
    ...forward.protocols.flatMap(protocol => [
      ...listeners(forward, protocol, snapshot.listeners),
      ...foreign
        .filter(dnat => dnat.protocol === protocol && takesFrom(dnat, forward))
        .map(dnat => held(forward, protocol, dnat.ports, `published by ${dnat.owner}`, dnat.rule)),
    ]),
  ])
  return onceEach(found)
}

/** A port that several rules publish is held once. */
function onceEach(findings: Finding[]): Finding[] {
  const seen = new Map(
    findings.map(finding => [`${finding.code} ${finding.summary} ${finding.source?.line}`, finding]),
  )
  return [...seen.values()]
}

/** An address may come later (DHCP, VRRP), so that it is no error. */
function missingAddress(
  { listenAddress, source }: Forward,
  topology: Topology,
  { host }: Snapshot,
): Finding[] {
  if (listenAddress === null || isLoopback(cidr(listenAddress))) return []
  const own = topology.subnets.flatMap(({ gateways }) => gateways)
  const live = host.links.flatMap(link => link.addresses.map(({ address }) => addressOf(address)))
  if ([...own, ...live].includes(listenAddress)) return []
  return [
    warning(
      'listen-address-missing',
      listenAddress,
      `the host has no address ${listenAddress}`,
      ['the forward takes effect once it has'],
      source,
    ),
  ]
}

function listeners(forward: Forward, protocol: Protocol, all: Listener[]): Finding[] {
  const found = all.find(
    listener =>
      listener.protocol === protocol &&
      listener.port >= forward.listenPorts.first &&
      listener.port <= forward.listenPorts.last &&
      heardAt(forward, listener),
  )
  if (!found) return []
  const ports = { first: found.port, last: found.port }
  return [
    held(
      forward,
      protocol,
      ports,
      `held by ${found.process ?? 'a process of the host'}`,
      `it listens on ${found.address}:${found.port}`,
    ),
  ]
}

function held(forward: Forward, protocol: Protocol, ports: PortRange, by: string, detail: string): Finding {
  const subject = `${protocol}/${Math.max(ports.first, forward.listenPorts.first)}`
  return error(
    'port-held',
    subject,
    `${protocol} port ${formatPorts(ports)} is ${by}`,
    [detail, 'publish another port here, or stop the other'],
    forward.source,
  )
}

const EVERY = ['0.0.0.0', '::', '*']

function heardAt({ listenAddress, families }: Forward, { address, protocol }: Listener): boolean {
  if (address === '*') return true
  const bare = address.split('%', 1)[0] ?? address
  // `ss` writes `*` for what takes IPv4 too, but does not know that of SCTP.
  if (bare === '::' && protocol === 'sctp') return true
  if (!families.includes(familyOf(bare))) return false
  return listenAddress === null || EVERY.includes(bare) || bare === listenAddress
}
