import { readRule } from '../firewall/read-rule.ts'
import { addressOf, FAMILIES } from '../model/address.ts'
import { hears } from '../model/listener.ts'
import { chainOwner } from '../model/ownership.ts'
import type { Listener, Snapshot } from '../model/snapshot.ts'
import type { PublishedPort } from '../model/status.ts'

/** Published ports from the topology's chains; `listeners` are those inside its namespaces, by name. */
export function publishedPorts(
  snapshot: Snapshot,
  topology: string,
  listeners: Map<string, Listener[]>,
): PublishedPort[] {
  const homes = homesOf(snapshot)
  return FAMILIES.flatMap(family => {
    const nat = snapshot.firewall[family].find(({ name }) => name === 'nat')
    const chains = (nat?.chains ?? []).filter(
      ({ name }) => chainOwner(name) === topology && !isForOutside(name),
    )
    return chains.flatMap(({ rules }) =>
      rules.flatMap(text => {
        const { protocol, destination, port, target } = readRule(text)
        if (target?.kind !== 'DNAT' || protocol === undefined || port === undefined) return []
        const namespace = homes.get(target.address) ?? null
        const heard = (namespace === null ? [] : (listeners.get(namespace) ?? [])).find(
          listener =>
            listener.protocol === protocol &&
            listener.port === target.port &&
            hears(listener, target.address),
        )
        return [
          {
            protocol,
            listen: destination ?? null,
            family,
            first: port[0],
            last: port[1],
            target: { namespace, address: target.address, port: target.port },
            listener: heard ? (heard.process ?? 'a process') : null,
          },
        ]
      }),
    )
  })
}

/** What the outside may use stands in chains of its own; the same forwards are all in those for the host. */
function isForOutside(chain: string): boolean {
  return /-(EXT|E[0-9A-F]+)$/.test(chain)
}

/** Namespace of each address. */
function homesOf({ namespaces }: Snapshot): Map<string, string> {
  return new Map(
    Object.entries(namespaces).flatMap(([name, { links }]) =>
      links.flatMap(link =>
        link.addresses.map(({ address }): [string, string] => [addressOf(address), name]),
      ),
    ),
  )
}
