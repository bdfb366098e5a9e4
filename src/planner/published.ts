import { parseRule, parseRules } from '../firewall/codec/rule.ts'
import { type Translation, translationOf } from '../firewall/codec/translation.ts'
import { ownChain } from '../firewall/roles.ts'
import { type ChainAttributes, chain } from '../kinds/firewall/chain.ts'
import { changesOf, resourcesOf } from '../kinds/kind.ts'
import { addressOf, FAMILIES, type Family } from '../model/address.ts'
import { hears } from '../model/host/listener.ts'
import type { Listener, Snapshot } from '../model/host/snapshot.ts'
import type { Change } from '../model/plan/plan.ts'
import type { Resource } from '../model/plan/resource.ts'
import type { PublishedPort } from '../model/plan/status.ts'

type Listeners = Map<string, Listener[]>

/** Published ports from the topology's chains; `listeners` are those inside its namespaces, by name. */
export function publishedPorts(snapshot: Snapshot, topology: string, listeners: Listeners): PublishedPort[] {
  const portOf = portWith(snapshot, listeners)
  return FAMILIES.flatMap(family => {
    const nat = snapshot.firewall[family].find(({ name }) => name === 'nat')
    const chains = (nat?.chains ?? []).filter(({ name }) => ownChain(name)?.topology === topology)
    return chains.flatMap(translationsOf).map(translation => portOf(family, translation))
  })
}

/** The same from the chains of an apply. */
export function declaredPorts(
  desired: readonly Resource[],
  snapshot: Snapshot,
  listeners: Listeners,
): PublishedPort[] {
  const portOf = portWith(snapshot, listeners)
  return chainsIn(desired).flatMap(attributes =>
    translationsOf(attributes).map(translation => portOf(attributes.family, translation)),
  )
}

/** The live ports, with those of the declared ones that no packet gets to any more marked as missing. */
export function withMissing(
  live: readonly PublishedPort[],
  declared: readonly PublishedPort[],
  drift: readonly Change[],
): PublishedPort[] {
  const cut = FAMILIES.filter(family => leadsNowhere(drift, family))
  const gone = declared.filter(port => !live.some(one => portKey(one) === portKey(port)))
  return [
    ...live.map(port => (cut.includes(port.family) ? { ...port, missing: true as const } : port)),
    ...gone.map(port => ({ ...port, missing: true as const })),
  ]
}

function portKey({ protocol, listen, family, first, last }: PublishedPort): string {
  return [protocol, listen, family, first, last].join(' ')
}

/** Whether a jump on the way to the published ports is gone. */
function leadsNowhere(drift: readonly Change[], family: Family): boolean {
  return changesOf(chain, drift).some(({ before, after }) => {
    if (after?.family !== family || ownChain(after.name)?.stage !== 'publish') return false
    const lostJump = after.jumps.some(jump => !before?.jumps.some(one => one.from === jump.from))
    const lostCall = after.rules.some(rule => {
      const { target } = parseRule(rule)
      return target !== null && ownChain(target.name) !== null && !before?.rules.includes(rule)
    })
    return lostJump || lostCall
  })
}

function chainsIn(resources: readonly Resource[]): ChainAttributes[] {
  const state = new Map(resources.map(resource => [resource.id, resource]))
  return resourcesOf(chain, state).map(({ attributes }) => attributes)
}

/** What is for the outside alone stands in chains of its own; the same forwards are all in those for the host. */
function translationsOf({ name, rules }: { name: string; rules: string[] }): Translation[] {
  if (ownChain(name)?.audience === 'outside') return []
  return parseRules(rules).flatMap(rule => translationOf(rule) ?? [])
}

function portWith({ namespaces }: Snapshot, listeners: Listeners) {
  const homes = homesOf(namespaces)
  return (family: Family, { protocol, listen, ports, to }: Translation): PublishedPort => {
    const namespace = homes.get(to.address) ?? null
    const heard = (namespace === null ? [] : (listeners.get(namespace) ?? [])).find(
      listener => listener.protocol === protocol && listener.port === to.port && hears(listener, to.address),
    )
    return {
      protocol,
      listen,
      family,
      ...ports,
      target: { namespace, ...to },
      listener: heard ? (heard.process ?? 'a process') : null,
    }
  }
}

/** Namespace of each address. */
function homesOf(namespaces: Snapshot['namespaces']): Map<string, string> {
  return new Map(
    Object.entries(namespaces).flatMap(([name, { links }]) =>
      links.flatMap(link =>
        link.addresses.map(({ address }): [string, string] => [addressOf(address), name]),
      ),
    ),
  )
}
