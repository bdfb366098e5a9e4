import { KINDS } from '../kinds/all.ts'
import { kindOf } from '../kinds/kind.ts'
import { namespaceId } from '../kinds/namespace.ts'
import { ACTION_SYMBOLS, type Change } from '../model/plan/plan.ts'
import { groupBy } from '../model/text/lookup.ts'
import type { Topology } from '../model/topology.ts'
import type { Graph, GraphNode, GraphRow } from './graph.ts'
import { interfaceId, row, subnetId, uplinkId } from './parts.ts'

/** Bytes that an interface has counted since it was made. */
interface Traffic {
  received: number
  sent: number
}

/** The counters of an end; null where it is not there. */
export type TrafficOf = (namespace: string, name: string) => Traffic | null

/** The picture with what the live host says: what differs from the topology, where, and what has passed. */
export function withLive(graph: Graph, topology: Topology, changes: Change[], trafficOf: TrafficOf): Graph {
  const carriers = carriersOf(topology)
  const byPlace = groupBy(changes, change =>
    change.scope === 'host' ? carrierOf(change, carriers) : namespaceId(change.scope),
  )
  const byPair = groupBy(
    changes.filter(({ kind }) => kind === 'veth'),
    ({ id }) => id,
  )
  return {
    ...graph,
    nodes: graph.nodes.map(node => ({
      ...node,
      rows: [...node.rows, ...trafficRows(node, topology, trafficOf)],
      drift: (byPlace.get(node.id) ?? []).map(driftText),
    })),
    edges: graph.edges.map(edge => ({ ...edge, drift: (byPair.get(edge.id) ?? []).map(driftText) })),
    hostDrift: (byPlace.get(undefined) ?? []).map(driftText),
    live: true,
  }
}

function driftText({ action, kind, before, after, reason }: Change): string {
  const title = kindOf(kind, KINDS).title(after ?? before ?? {})
  return `${ACTION_SYMBOLS[action]} ${title}${reason === 'declared' ? '' : `: ${reason}`}`
}

/** The node that each interface of the host is part of. */
function carriersOf({ uplinks, subnets, veths }: Topology): Map<string, string> {
  return new Map([
    ...veths.flatMap(({ subnet, ends }) =>
      ends.flatMap((end): [string, string][] =>
        end.namespace === 'host'
          ? [[end.interface, subnet === null ? interfaceId(end.interface) : subnetId(subnet)]]
          : [],
      ),
    ),
    ...subnets.flatMap(({ name, bridge }): [string, string][] =>
      bridge === null ? [] : [[bridge, subnetId(name)]],
    ),
    ...uplinks.map((uplink): [string, string] => [uplink, uplinkId(uplink)]),
  ])
}

/** By the interface that a change names; undefined where it is one of the host as a whole. */
function carrierOf({ before, after, kind }: Change, carriers: Map<string, string>): string | undefined {
  const attributes = after ?? before ?? {}
  const setting = typeof attributes.key === 'string' ? /\/conf\/(.+)\/[^/]+$/.exec(attributes.key)?.[1] : null
  const name = kind === 'bridge' ? attributes.name : (attributes.dev ?? setting)
  return typeof name === 'string' ? carriers.get(name) : undefined
}

function trafficRows({ kind, name }: GraphNode, topology: Topology, trafficOf: TrafficOf): GraphRow[] {
  if (kind === 'uplink') return passed(trafficOf('host', name), 'in', 'out')
  if (kind !== 'namespace') return []
  return topology.veths.flatMap(({ ends }) =>
    ends.flatMap(end => {
      if (end.namespace !== name) return []
      // The far end on the host counts the same packets the other way round.
      const far = ends.find(other => other !== end)
      const counted =
        far?.namespace === 'host' ? swapped(trafficOf('host', far.interface)) : trafficOf(name, end.interface)
      return passed(counted, '↓', '↑', end.interface)
    }),
  )
}

function swapped(traffic: Traffic | null): Traffic | null {
  return traffic && { received: traffic.sent, sent: traffic.received }
}

function passed(traffic: Traffic | null, received: string, sent: string, label = ''): GraphRow[] {
  if (traffic === null) return []
  return [
    row(
      'traffic',
      label,
      `${sent} ${formatBytes(traffic.sent)}  ${received} ${formatBytes(traffic.received)}`,
    ),
  ]
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `1.2 MB`; three digits at most. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`
}
