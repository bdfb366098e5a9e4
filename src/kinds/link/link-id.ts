import type { Link } from '../../model/host/snapshot.ts'

/** Where an interface is. */
export interface LinkPlace {
  namespace: string
  interface: string
}

export function bridgeId(name: string): string {
  return `bridge/host/${name}`
}

/** Id of a pair by its ends, in any order. */
export function vethId({ ends }: { ends: [LinkPlace, LinkPlace] }): string {
  const [near] = inOrder(ends)
  return `veth/${near.namespace}/${near.interface}`
}

/** Id of the resource that a live link is, or is an end of. Kinds of links are named as the kernel names them. */
export function linkId(scope: string, { kind, name, peer }: Link): string {
  if (kind !== 'veth') return `${kind ?? 'physical'}/${scope}/${name}`
  if (scope === 'host' && peer?.namespace === null) return halfId(name)
  const far = { namespace: peer?.namespace ?? 'host', interface: peer?.interface ?? '' }
  return vethId({ ends: [{ namespace: scope, interface: name }, far] })
}

/** Of the host's end of a pair whose other end is out of reach. */
export function halfId(name: string): string {
  return `veth/host/${name}`
}

/** The order of the ends in the file must not matter: the host comes last, namespaces by name. */
export function inOrder<T extends LinkPlace>(ends: [T, T]): [T, T] {
  const [a, b] = ends
  if (a.namespace === 'host') return [b, a]
  if (b.namespace === 'host') return [a, b]
  return `${a.namespace}:${a.interface}` <= `${b.namespace}:${b.interface}` ? [a, b] : [b, a]
}
