import { insidesOf } from '../kinds/network/insides.ts'
import { FAMILIES } from '../model/address.ts'
import { linkNamed } from '../model/host/by-name.ts'
import { MAIN_TABLE } from '../model/host/rtnetlink.ts'
import type { Route, Snapshot } from '../model/host/snapshot.ts'
import { isInterfaceName, isNsctlGroup, ROUTE_PROTOCOL } from '../model/ownership.ts'
import { isDefaultOrPiece, type Sender, waysOut } from '../model/routing/outside.ts'
import { everyHopOf } from '../model/routing/policy.ts'
import type { Topology } from '../model/topology.ts'

/**
 * The interfaces that `default` stands for: those of the main table's default routes, whatever their metric, and those by
 * which packets to the outside leave because a policy rule sends them to another table. What nsctl itself has made does
 * not count.
 *
 * @param topology whose subnets are asked for too: policy rules may send each another way; null: only what holds for all
 */
export function defaultUplinks(snapshot: Snapshot, topology: Topology | null): string[] {
  // The kernel takes names such as `eth+`, which iptables would read as many interfaces.
  return defaultInterfaces(snapshot, topology).filter(isInterfaceName)
}

/** The same with those whose names no rule can be made for. */
export function defaultInterfaces({ host }: Snapshot, topology: Topology | null): string[] {
  const inMain = host.routes
    .filter(route => route.table === MAIN_TABLE && isForeignDefault(route))
    .flatMap(everyHopOf)
    .flatMap(({ dev }) => dev ?? [])
  const senders = [
    ...FAMILIES.map((family): Sender => ({ family, source: null, input: '*' })),
    ...(topology === null ? [] : insidesOf(topology)).map(
      ({ family, input, address }): Sender => ({ family, input, source: address }),
    ),
  ]
  const byRule = senders
    .flatMap(sender => waysOut(host, sender))
    .filter(({ decision }) => isForeignDefault(decision.route))
    .flatMap(({ decision }) => everyHopOf(decision.route))
    .flatMap(({ dev }) => dev ?? [])
    .filter(dev => !isNsctlGroup(linkNamed(host.links, dev)?.group ?? 0))
  // In an order of their own: that of routes changes with every lease.
  return [...new Set([...inMain, ...byRule])].filter(name => name !== 'lo').toSorted()
}

function isForeignDefault(route: Route): boolean {
  return route.protocol !== ROUTE_PROTOCOL && isDefaultOrPiece(route)
}
