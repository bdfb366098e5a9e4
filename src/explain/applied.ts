import { addressOf } from '../model/address.ts'
import type { PublishedPort } from '../model/plan/status.ts'
import type { End, Topology } from '../model/topology.ts'
import type { Flow } from './judgement.ts'

/** What is known of a topology that was applied on this host. */
export interface AppliedTopology {
  name: string
  /** As it was applied from. */
  file: string
  /** As they were applied; those whose rule is gone are marked. */
  ports: PublishedPort[]
  /** Null where the file is not as it was applied any more. */
  topology: Topology | null
}

/** An end of a veth pair of an applied topology. */
interface KnownEnd {
  applied: AppliedTopology
  topology: Topology
  end: End
  subnet: string | null
}

/** The end that has an address. */
export function endWith(address: string, all: readonly AppliedTopology[]): KnownEnd | null {
  return endsOf(all).find(({ end }) => end.addresses.some(one => addressOf(one) === address)) ?? null
}

/** The first end in a namespace. */
export function endIn(namespace: string, all: readonly AppliedTopology[]): KnownEnd | null {
  return endsOf(all).find(({ end }) => end.namespace === namespace) ?? null
}

function endsOf(all: readonly AppliedTopology[]): KnownEnd[] {
  return all.flatMap(applied =>
    (applied.topology?.veths ?? []).flatMap(({ ends, subnet }) =>
      ends.flatMap(end => (applied.topology ? [{ applied, topology: applied.topology, end, subnet }] : [])),
    ),
  )
}

/** The published port that a flow is for. */
export function portOf(
  { protocol, family, destination, port }: Flow,
  all: readonly AppliedTopology[],
): { applied: AppliedTopology; port: PublishedPort } | null {
  for (const applied of all) {
    const found = applied.ports.find(
      one =>
        one.protocol === protocol &&
        one.family === family &&
        (one.listen === null || one.listen === destination) &&
        port !== null &&
        one.first <= port &&
        port <= one.last,
    )
    if (found) return { applied, port: found }
  }
  return null
}

export function applyCommand(applied: AppliedTopology | undefined): string {
  return applied ? `nsctl apply ${applied.file}` : 'nsctl apply'
}
