import { vethId } from '../kinds/link/link-id.ts'
import { namespaceId } from '../kinds/namespace.ts'
import { addressOf } from '../model/address.ts'
import { subnetNamed } from '../model/host/by-name.ts'
import { formatRate } from '../model/rate.ts'
import { counted, listOf } from '../model/text/phrases.ts'
import type { DeclaredRoute, End, Namespace, Subnet, Topology, Veth } from '../model/topology.ts'
import type { Graph, GraphEdge, GraphNode, GraphRow } from './graph.ts'
import { edge, interfaceId, node, OUTSIDE, row, subnetId, uplinkId } from './parts.ts'
import { allowEdges, forwardEdges, forwardRows } from './reach.ts'

/** The picture of a topology whose addresses are drawn; `default` among the uplinks may stand for itself. */
export function graphOf(topology: Topology): Graph {
  const subnets = topology.subnets.filter(subnet => isOnTheHost(subnet, topology))
  const nodes = [
    ...outsideNode(topology),
    ...topology.uplinks.map(uplink => uplinkNode(uplink, topology)),
    ...subnets.map(subnet => subnetNode(subnet, topology)),
    ...bareEnds(topology).map(interfaceNode),
    ...topology.namespaces.map(namespace => namespaceNode(namespace, topology)),
  ]
  const known = new Set(nodes.map(({ id }) => id))
  const edges = [
    ...topology.uplinks.map(uplink => edge('uplink', 'outside', uplinkId(uplink))),
    ...subnets.flatMap(({ name, uplinks, gateways }) =>
      gateways.length === 0 ? [] : uplinks.map(uplink => edge('way-out', uplinkId(uplink), subnetId(name))),
    ),
    ...topology.veths.map(veth => linkEdge(veth, topology)),
    ...forwardEdges(topology),
    ...allowEdges(topology),
  ]
  return {
    topology: topology.name,
    summary: summaryOf(topology),
    nodes,
    edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)),
    host: hostNotes(topology),
    hostDrift: [],
    live: false,
  }
}

/** The node that stands for an end: its namespace, or what carries it on the host. */
function nodeOfEnd(end: End, { subnet }: Veth): string {
  if (end.namespace !== 'host') return namespaceId(end.namespace)
  return subnet === null ? interfaceId(end.interface) : subnetId(subnet)
}

function outsideNode({ uplinks, allows }: Topology): GraphNode[] {
  if (uplinks.length === 0 && allows.every(({ from }) => from.kind !== 'outside')) return []
  return [node('outside', OUTSIDE, 'outside', '', [], null)]
}

function uplinkNode(name: string, topology: Topology): GraphNode {
  const leaving = topology.subnets.filter(({ uplinks }) => uplinks.includes(name))
  const details = [
    name === 'default' ? 'every interface that carries a default route' : 'leads outside',
    leaving.length === 0
      ? 'no subnet leaves through it'
      : `subnets that leave through it: ${listOf(
          leaving.map(subnet => subnet.name),
          8,
        )}`,
  ]
  const source = topology.uplinkSources[name] ?? topology.uplinkSources.default ?? null
  return { ...node('uplink', uplinkId(name), name, 'uplink', [], source), details }
}

function subnetNode(subnet: Subnet, topology: Topology): GraphNode {
  const { name, networks, gateways, bridge, uplinks, masquerade, hostAccess, mtu, source } = subnet
  const ends = topology.veths
    .filter(veth => veth.subnet === name)
    .flatMap(veth => veth.ends.filter(end => end.namespace === 'host'))
  const carrier = bridge ?? ends[0]?.interface ?? 'host'
  const own = bridge === null ? (ends[0]?.addresses ?? []).map(addressOf) : gateways
  const routed = gateways.length > 0 && uplinks.length > 0 && masquerade.length === 0
  const notes = [
    ...(gateways.length === 0 ? ['layer 2 only: the host is not in it'] : []),
    ...(gateways.length > 0 && uplinks.length === 0 ? ['no way out'] : []),
    ...(routed ? ['routed, not masqueraded'] : []),
    ...(hostAccess || gateways.length === 0 ? [] : ['host services closed']),
    ...(mtu === null ? [] : [`mtu ${mtu}`]),
  ]
  const rows: GraphRow[] = [
    ...networks.map((network, i) => row('address', i === 0 ? 'net' : '', network)),
    ...(own.length === 0 && bridge !== null ? [row('address', carrier, 'bridge')] : []),
    ...own.map((address, i) => row('address', i === 0 ? carrier : '', address)),
    ...notes.map(note => row('note', '', note)),
  ]
  const details = [
    bridge === null ? `one veth pair, on the host ${carrier}` : `the bridge ${bridge} on the host`,
    ...(uplinks.length > 0 && gateways.length > 0 ? [`leaves through ${uplinks.join(', ')}`] : []),
    ...(masquerade.length > 0 && uplinks.length > 0 && gateways.length > 0
      ? [`masqueraded: ${masquerade.join(', ')}`]
      : []),
  ]
  const caption = bridge === null ? 'subnet' : 'bridge'
  return { ...node('subnet', subnetId(name), name, caption, rows, source), details }
}

function interfaceNode({ end }: { end: End }): GraphNode {
  const rows = end.addresses.map(address => row('address', '', address))
  return node('interface', interfaceId(end.interface), end.interface, 'interface', rows, end.source)
}

function namespaceNode(namespace: Namespace, topology: Topology): GraphNode {
  const { name, nameservers, search, sysctls, routes, adopt, source } = namespace
  const pairs = topology.veths.filter(({ ends }) => ends.some(end => end.namespace === name))
  const routes4 = sysctls.some(({ key, value }) => /(ip_forward|\/forwarding)$/.test(key) && value === '1')
  const details = [
    ...(adopt ? ['adopted: it was here before'] : []),
    ...routes.map(routeText),
    ...(nameservers ?? []).map(server => `name server ${server}`),
    ...search.map(domain => `search ${domain}`),
    ...sysctls.map(({ key, value }) => `${key} = ${value}`),
  ]
  const rows = [
    ...pairs.flatMap(pair => pair.ends.flatMap(end => (end.namespace === name ? endRows(end, pair) : []))),
    ...forwardRows(topology, name),
  ]
  return {
    ...node('namespace', namespaceId(name), name, routes4 ? 'router' : 'namespace', rows, source),
    details,
  }
}

/** An end's interface with its addresses, and what it may send and receive. */
function endRows(end: End, { ends }: Veth): GraphRow[] {
  const far = ends.find(other => other !== end)
  const addresses = end.addresses.length > 0 ? end.addresses : ['no address']
  const rates = [
    ...(end.rate === null ? [] : [`↑ ${formatRate(end.rate)}`]),
    ...(far?.rate == null ? [] : [`↓ ${formatRate(far.rate)}`]),
  ]
  return [
    ...addresses.map((address, i) => row('address', i === 0 ? end.interface : '', address)),
    ...(rates.length === 0 ? [] : [row('rate', '', rates.join('  '))]),
  ]
}

function linkEdge(veth: Veth, topology: Topology): GraphEdge {
  const [near, far] = veth.ends[1].namespace === 'host' ? [veth.ends[1], veth.ends[0]] : veth.ends
  const subnet = veth.subnet === null ? undefined : subnetNamed(topology.subnets, veth.subnet)
  const direct = near.namespace !== 'host'
  return {
    ...edge('link', nodeOfEnd(near, veth), nodeOfEnd(far, veth)),
    id: vethId(veth),
    interfaces: {
      from: near.namespace === 'host' ? (subnet?.bridge ?? near.interface) : near.interface,
      to: far.interface,
    },
    labels: direct && subnet ? [subnet.name] : [],
    details: [near, far].map(
      end => `${end.namespace}:${end.interface}${end.mtu === null ? '' : `, mtu ${end.mtu}`}`,
    ),
  }
}

/** Ends on the host that no subnet has. */
function bareEnds({ veths }: Topology): { end: End; veth: Veth }[] {
  return veths.flatMap(veth =>
    veth.subnet === null ? veth.ends.flatMap(end => (end.namespace === 'host' ? [{ end, veth }] : [])) : [],
  )
}

function isOnTheHost({ name, bridge }: Subnet, { veths }: Topology): boolean {
  return (
    bridge !== null ||
    veths.some(veth => veth.subnet === name && veth.ends.some(end => end.namespace === 'host'))
  )
}

function hostNotes({ hostRoutes, forwardPolicy }: Topology): string[] {
  return [...hostRoutes.map(routeText), ...(forwardPolicy === 'drop' ? ['FORWARD policy DROP'] : [])]
}

function routeText({ to, via, dev, type }: DeclaredRoute): string {
  const target = to.endsWith('/0') ? 'default' : to
  if (type !== 'unicast') return `${type} ${target}`
  return `route ${target}${via === null ? '' : ` via ${via}`}${dev === null ? '' : ` on ${dev}`}`
}

function summaryOf({ namespaces, veths, forwards }: Topology): string {
  return [
    counted(namespaces.length, 'namespace'),
    counted(veths.length, 'veth pair'),
    ...(forwards.length > 0 ? [counted(forwards.length, 'forward')] : []),
  ].join(', ')
}
