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
      const { routes, rules } = state
      return [[name, { links: state.links.map(link => rawAgain(earlier, name, link)), routes, rules }]]
    }),
  )
}

function rawAgain({ snapshot, touched }: Earlier, scope: string, link: Link): RawLink {
  const { peer } = link
  const place = peer?.namespace ?? null
  if (peer === null || place === null || place === scope) {
    return { link, peerIndex: null, peerNamespaceId: null, peerName: null }
  }
  const others = place === 'host' ? snapshot.host.links : (snapshot.namespaces[place]?.links ?? [])
  const asked = place === 'host' || touched.has(place)
  return {
    link: { ...link, peer: asked ? null : peer },
    peerIndex: others.find(({ name }) => name === peer.interface)?.index ?? null,
    peerNamespaceId: UNKNOWN,
    peerName: null,
  }
}

/** No namespace has this id: an end that the other one does not lead to is left without. */
const UNKNOWN = -1
