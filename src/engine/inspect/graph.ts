import { graphOf } from '../../graph/from-topology.ts'
import type { Graph } from '../../graph/graph.ts'
import { withLive } from '../../graph/live.ts'
import { readTraffic } from '../../kernel/inspect/traffic.ts'
import type { Topology } from '../../model/topology.ts'
import { planTopology } from '../../planner/plan.ts'
import { resolveOffline, resolveTopology } from '../../planner/resolve.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'

/** A topology as nodes and edges, from its file alone. */
export function graph(topology: Topology): Graph {
  return graphOf(resolveOffline(topology))
}

/** The same with what differs on the live host, and the bytes that passed. Throws where the host cannot be read. */
export async function liveGraph(topology: Topology, options: HostOptions = {}): Promise<Graph> {
  const access = completeAccess(options)
  const snapshot = await readFor({ name: topology.name, topologies: [topology] }, access)
  const resolved = resolveTopology(topology, snapshot)
  const { changes } = planTopology(topology, snapshot)
  const present = resolved.namespaces.map(({ name }) => name).filter(name => snapshot.namespaces[name])
  const traffic = await readTraffic(access.run, present)
  const trafficOf = (namespace: string, name: string) => traffic.get(namespace)?.get(name) ?? null
  return withLive(graphOf(resolved), resolved, changes, trafficOf)
}
