import { addressOf, BITS, cidr, contains, familyOf, formatCidr, networkOf } from '../../model/address.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import { networkIn, networksOf } from '../../model/host/scope.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { isInterfaceName, isNsctlGroup, readMark } from '../../model/ownership.ts'
import type { LeftOut } from './imported.ts'

/** An end of a pair that somebody else has made. */
export interface FoundEnd {
  namespace: string
  link: Link
  /** With prefix; without what the kernel gives every link. */
  addresses: string[]
}

/** A veth pair of which at least one end is in a namespace; that one comes second. */
export interface FoundPair {
  about: string
  ends: [FoundEnd, FoundEnd]
  /** The network that both ends are in, one a family, with the host's address in it; none: it is no subnet's. */
  networks: { network: string; gateway: string; address: string }[]
}

/** Pairs that a topology can have, and why others are not among them. */
export function foundPairs(
  snapshot: Snapshot,
  uplinks: readonly string[],
  namespaces: ReadonlySet<string>,
  leftOut: LeftOut,
): { pairs: FoundPair[]; notes: string[] } {
  const notes: string[] = []
  const candidates = networksOf(snapshot).flatMap(([place, { links }]) =>
    links
      .filter(
        link => link.kind === 'veth' && !isOwned(link) && !(place === 'host' && uplinks.includes(link.name)),
      )
      .map(link => ({ place, link })),
  )
  const pairs = candidates.flatMap(({ place, link }) => {
    const { peer } = link
    const [there, name] = [peer?.namespace ?? null, peer?.interface ?? null]
    const other =
      there === null || name === null ? undefined : linkNamed(networkIn(snapshot, there)?.links ?? [], name)
    // Each pair once: from the host's end, else from the first by name.
    if (there !== null && !isFirst(place, link.name, there, name ?? '')) return []
    const about = `veth/${place}/${link.name}`
    const where = place === 'host' ? link.name : `${link.name} in namespace ${place}`
    const why = whyNot(place, link, there, other, namespaces) ?? leftOut.get(about)?.join('; ')
    if (why !== undefined || other === undefined || there === null) {
      notes.push(`veth ${where}${there === null ? '' : `, whose other end is ${there}:${name}`}: ${why}`)
      return []
    }
    const ends: FoundPair['ends'] = [endOf(place, link), endOf(there, other)]
    const plain = leftOut.has(`${about}/subnet`)
    return [{ about, ends, networks: plain ? [] : sharedNetworks(ends) }]
  })
  return { pairs, notes }
}

function isFirst(place: string, name: string, there: string, other: string): boolean {
  if (place === 'host' || there === 'host') return place === 'host'
  return `${place} ${name}` <= `${there} ${other}`
}

function whyNot(
  place: string,
  link: Link,
  there: string | null,
  other: Link | undefined,
  namespaces: ReadonlySet<string>,
): string | undefined {
  if (there === null) return 'its other end is in a namespace without a name'
  if (other === undefined) return 'its other end is not to be seen'
  if (place === there) return 'both ends are in one place'
  const outside = [place, there].find(one => one !== 'host' && !namespaces.has(one))
  if (outside !== undefined) return `namespace ${outside} is not in this file`
  if (![link, other].every(({ name }) => isInterfaceName(name)))
    return 'a topology cannot have an interface of this name'
  if (isOwned(other)) return 'its other end belongs to a topology'
  if (![link, other].every(({ group, alias }) => group === 0 && (alias ?? '') === ''))
    return 'it bears a group or an alias of somebody else'
  if (!link.up || !other.up) return 'it is down, and nsctl would put it up'
  return undefined
}

function isOwned({ group, alias }: Link): boolean {
  return readMark(alias) !== null || isNsctlGroup(group)
}

function endOf(namespace: string, link: Link): FoundEnd {
  const addresses = link.addresses.filter(({ scope }) => scope === 'global').map(({ address }) => address)
  return { namespace, link, addresses }
}

/** The host's address and the other end's, where they are neighbours: the host is the gateway of such a network. */
function sharedNetworks([near, far]: FoundPair['ends']): FoundPair['networks'] {
  if (near.namespace !== 'host' || near.link.master !== null) return []
  const found = near.addresses.flatMap(gateway => {
    const own = cidr(gateway)
    const address = far.addresses.find(
      text => cidr(text).prefix === own.prefix && contains(networkOf(own), cidr(text)),
    )
    if (own.prefix === BITS[own.family] || address === undefined) return []
    return [{ network: formatCidr(networkOf(own)), gateway: addressOf(gateway), address: addressOf(address) }]
  })
  return found.filter(
    ({ network }, i) => found.findIndex(one => familyOf(one.network) === familyOf(network)) === i,
  )
}
