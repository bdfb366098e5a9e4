import type { Snapshot } from '../model/host/snapshot.ts'
import type { State } from '../model/plan/resource.ts'
import type { Topology } from '../model/topology.ts'
import { chain } from './firewall/chain.ts'
import type { Kinds } from './kind.ts'
import { bridge } from './link/bridge.ts'
import { veth } from './link/veth.ts'
import { namespace } from './namespace.ts'
import { address } from './network/address.ts'
import { qdisc } from './network/qdisc.ts'
import { route } from './network/route.ts'
import { rule } from './network/rule.ts'
import { file } from './settings/file.ts'
import { policy } from './settings/policy.ts'
import { sysctl } from './settings/sysctl.ts'

/** In the order in which a plan lists and creates them; it deletes in the reverse order. */
export const KINDS = [
  namespace,
  bridge,
  veth,
  qdisc,
  address,
  route,
  rule,
  sysctl,
  policy,
  chain,
  file,
] as unknown as Kinds

/** Everything a topology wants, by id; the topology is resolved. */
export function desiredState(topology: Topology, snapshot: Snapshot, kinds: Kinds = KINDS): State {
  return new Map(
    kinds.flatMap(kind => kind.desired(topology, snapshot)).map(resource => [resource.id, resource]),
  )
}

/** Everything there is of a topology, and what it may claim or adopt. Neither the snapshot nor this may change. */
export function observedState(snapshot: Snapshot, topology: string, kinds: Kinds = KINDS): State {
  const states = statesOf(kinds)
  const known = states.get(snapshot) ?? new Map<string, State>()
  const state = known.get(topology) ?? observe(snapshot, topology, kinds)
  states.set(snapshot, known.set(topology, state))
  return state
}

type ObservedStates = WeakMap<Snapshot, Map<string, State>>

/** A plan, its proof and its record look at the same host; with a thousand namespaces that takes a while. */
const observedBy = new WeakMap<Kinds, ObservedStates>()

function statesOf(kinds: Kinds): ObservedStates {
  const states: ObservedStates = observedBy.get(kinds) ?? new WeakMap()
  observedBy.set(kinds, states)
  return states
}

function observe(snapshot: Snapshot, topology: string, kinds: Kinds): State {
  return new Map(
    kinds.flatMap(kind => kind.observed(snapshot, topology)).map(resource => [resource.id, resource]),
  )
}
