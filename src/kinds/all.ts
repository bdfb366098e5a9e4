import type { KindName, State } from '../model/resource.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { address } from './address.ts'
import { bridge } from './bridge.ts'
import { chain } from './chain.ts'
import { file } from './file.ts'
import type { AnyKind } from './kind.ts'
import { namespace } from './namespace.ts'
import { policy } from './policy.ts'
import { qdisc } from './qdisc.ts'
import { route } from './route.ts'
import { rule } from './rule.ts'
import { sysctl } from './sysctl.ts'
import { veth } from './veth.ts'

/** In the order in which a plan lists them. */
const KINDS = [
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
] as unknown as AnyKind[]

const BY_NAME = new Map(KINDS.map(kind => [kind.name, kind]))

export function kindOf(name: KindName): AnyKind {
  const kind = BY_NAME.get(name)
  if (!kind) throw new Error(`no such kind: ${name}`)
  return kind
}

/** Everything a topology wants, by id; the topology is resolved. */
export function desiredState(topology: Topology, snapshot: Snapshot): State {
  return new Map(
    KINDS.flatMap(kind => kind.desired(topology, snapshot)).map(resource => [resource.id, resource]),
  )
}

/** Everything there is of a topology, and what it may claim or adopt. Neither the snapshot nor this may change. */
export function observedState(snapshot: Snapshot, topology: string): State {
  const known = states.get(snapshot) ?? new Map<string, State>()
  const state = known.get(topology) ?? observe(snapshot, topology)
  states.set(snapshot, known.set(topology, state))
  return state
}

/** A plan, the proof of it and what is recorded look at the same host; with a thousand namespaces that takes a while. */
const states = new WeakMap<Snapshot, Map<string, State>>()

function observe(snapshot: Snapshot, topology: string): State {
  return new Map(
    KINDS.flatMap(kind => kind.observed(snapshot, topology)).map(resource => [resource.id, resource]),
  )
}
