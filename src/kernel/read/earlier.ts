import { networkIn } from '../../model/host/scope.ts'
import type { JournalHead, Link, Snapshot } from '../../model/host/snapshot.ts'
import type { RawNetwork } from './ip.ts'
import type { RawLink } from './network.ts'

/** What was read before, and the namespaces that nsctl has changed since: of the others it holds still. */
export interface Earlier {
  snapshot: Snapshot
  touched: ReadonlySet<string>
  /** Of the apply under way, as it is on disk. */
  journal: JournalHead
}

/** The namespaces that need not be entered again, as they were; which ends belong together is found anew. */
export function keptFrom(earlier: Earlier | undefined, names: string[]): Map<string, RawNetwork> {
  if (!earlier) return new Map()
  const { snapshot, touched } = earlier
  return new Map(
    names.flatMap(name => {
      const state = snapshot.namespaces[name]
      if (!state || state.unreadable !== undefined || touched.has(name)) return []
      const { routes, rules, routesLeftOut } = state
      const links = state.links.map(link => keptLink(earlier, name, link))
      const network = { links, routes, rules, ...(routesLeftOut === undefined ? {} : { routesLeftOut }) }
      return [[name, network]]
    }),
  )
}

/** A link of a namespace that is not read again. Its other end is still known, unless that one is read again. */
function keptLink(earlier: Earlier, scope: string, link: Link): RawLink {
  const { peer } = link
  if (!leadsOut(peer, scope)) return { link, peerIndex: null, peerNamespaceId: null, peerName: null }
  return {
    link: { ...link, peer: isReadAgain(earlier, peer.namespace) ? null : peer },
    // In a pair each end has the index of the other: that is how the end which is read again finds this one.
    peerIndex: indexThen(earlier, peer),
    peerNamespaceId: UNKNOWN,
    peerName: null,
  }
}

type Peer = NonNullable<Link['peer']> & { namespace: string }

function leadsOut(peer: Link['peer'], scope: string): peer is Peer {
  return peer !== null && peer.namespace !== null && peer.namespace !== scope
}

function isReadAgain({ touched }: Earlier, namespace: string): boolean {
  return namespace === 'host' || touched.has(namespace)
}

function indexThen({ snapshot }: Earlier, peer: Peer): number | null {
  const links = networkIn(snapshot, peer.namespace)?.links ?? []
  return links.find(({ name }) => name === peer.interface)?.index ?? null
}

/** No namespace has this id: an end that the other one does not lead to is left without. */
const UNKNOWN = -1
