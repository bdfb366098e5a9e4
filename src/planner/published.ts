import { parseRules } from '../firewall/codec/rule.ts'
import { translationOf } from '../firewall/codec/translation.ts'
import { ownChain } from '../firewall/roles.ts'
import { addressOf, FAMILIES, type Family } from '../model/address.ts'
import { hears } from '../model/host/listener.ts'
import type { Listener, Snapshot } from '../model/host/snapshot.ts'
import type { PublishedPort } from '../model/plan/status.ts'

/** Published ports from the topology's chains; `listeners` are those inside its namespaces, by name. */
export function publishedPorts(
  snapshot: Snapshot,
  topology: string,
  listeners: Map<string, Listener[]>,
): PublishedPort[] {
  const homes = homesOf(snapshot)
  return FAMILIES.flatMap(family =>
    translationsOf(snapshot, topology, family).map(({ protocol, listen, ports, to }) => {
      const namespace = homes.get(to.address) ?? null
      const heard = (namespace === null ? [] : (listeners.get(namespace) ?? [])).find(
        listener =>
          listener.protocol === protocol && listener.port === to.port && hears(listener, to.address),
      )
      return {
        protocol,
        listen,
        family,
        ...ports,
        target: { namespace, ...to },
        listener: heard ? (heard.process ?? 'a process') : null,
      }
    }),
  )
}

/** What is for the outside alone stands in chains of its own; the same forwards are all in those for the host. */
function translationsOf({ firewall }: Snapshot, topology: string, family: Family) {
  const nat = firewall[family].find(({ name }) => name === 'nat')
  return (nat?.chains ?? [])
    .filter(({ name }) => {
      const own = ownChain(name)
      return own?.topology === topology && own.audience !== 'outside'
    })
    .flatMap(({ rules }) => parseRules(rules).flatMap(rule => translationOf(rule) ?? []))
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
