import type { Link } from '../../model/host/snapshot.ts'
import type { RawLink } from './network.ts'

/** `host` stands for the host, which has no name in /run/netns. */
export const HOST: unique symbol = Symbol('host')
export type Scope = string | typeof HOST

/** Names of the namespaces by their id, as one namespace sees them: every namespace counts for itself. */
export type Ids = Map<number, string>

/**
 * Finds the other ends of veth pairs. An index alone says little, since each namespace begins to count at 2: it needs
 * the namespace's id, which only its own namespace can resolve. The host's are known; a pair of two namespaces is
 * resolved by asking `idsOf` of them, and only where a pair is left.
 */
export async function matchPeers(
  networks: Map<Scope, { links: RawLink[] }>,
  hostIds: Ids,
  idsOf: (namespaces: string[]) => Promise<Map<string, Ids>>,
): Promise<void> {
  const links = new Map<Scope, RawLink[]>([...networks].map(([scope, network]) => [scope, network.links]))
  const find = finder(links)
  for (const [scope, raws] of links) {
    for (const raw of raws) matchWithin(scope, raw)
  }
  for (const raw of unmatched(links.get(HOST) ?? [])) matchAcross(HOST, raw, hostIds, find)
  const left = [...links.keys()].filter(scope => unmatched(links.get(scope) ?? []).length > 0)
  const namespaces = left.filter(scope => typeof scope === 'string')
  if (namespaces.length === 0) return
  for (const [scope, ids] of await idsOf(namespaces)) {
    for (const raw of unmatched(links.get(scope) ?? [])) matchAcross(scope, raw, ids, find)
  }
}

type Find = (scope: Scope, index: number) => RawLink | undefined

function finder(links: Map<Scope, RawLink[]>): Find {
  const byIndex = new Map(
    [...links].map(([scope, raws]) => [scope, new Map(raws.map(raw => [raw.link.index, raw]))]),
  )
  return (scope, index) => byIndex.get(scope)?.get(index)
}

function unmatched(raws: RawLink[]): RawLink[] {
  return raws.filter(({ link }) => link.kind === 'veth' && link.peer === null)
}

function matchWithin(scope: Scope, { link, peerName, peerNamespaceId }: RawLink): void {
  if (link.kind !== 'veth' || peerNamespaceId !== null || peerName === null) return
  link.peer = { namespace: nameOf(scope), interface: peerName }
}

function matchAcross(scope: Scope, raw: RawLink, ids: Ids, find: Find): void {
  const { link, peerIndex, peerNamespaceId } = raw
  const namespace = peerNamespaceId === null ? undefined : ids.get(peerNamespaceId)
  if (namespace === undefined || peerIndex === null) {
    link.peer = { namespace: null, interface: null }
    return
  }
  const other = find(namespace, peerIndex)
  const mutual = other !== undefined && other.peerIndex === link.index && other.link.kind === 'veth'
  link.peer = { namespace, interface: mutual ? other.link.name : null }
  if (mutual) other.link.peer = { namespace: nameOf(scope), interface: link.name }
}

function nameOf(scope: Scope): NonNullable<Link['peer']>['namespace'] {
  return typeof scope === 'string' ? scope : 'host'
}
