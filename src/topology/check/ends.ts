import { whereabouts } from '../../model/host/scope.ts'
import { listOf } from '../../model/text/phrases.ts'
import { sha256 } from '../../model/text/sha256.ts'
import { type Draft, numbered } from '../parse/draft.ts'
import type { EndObject, End as EndText } from '../parse/file.ts'
import { didYouMean } from '../parse/nearest.ts'
import type { Spot } from '../parse/report.ts'
import type { Path } from '../parse/tree.ts'

/** A veth pair with its ends named, before anything is known of its subnet. */
export interface Pair {
  path: Path
  subnet: string | null
  mtu: number | null
  adopt: boolean
  ends: [PairEnd, PairEnd]
}

export interface PairEnd {
  namespace: string
  interface: string
  derivedInterface: boolean
  settings: EndObject
  path: Path
  /** Where the interface is named, or the whole end where it is not. */
  interfaceAt: Spot
}

export const HOST = 'host'

const RESERVED = new Set(['lo', 'all', 'default'])
const LONGEST = 15

/** Reads the pairs, and gives a name to every end that has none. */
export function readPairs(draft: Draft): Pair[] {
  const pairs: Pair[] = []
  for (const [index, veth] of numbered(draft.file.veths)) {
    const path = ['veths', index]
    const [a, b] = veth.ends.map((end, side) => readEnd(end, [...path, 'ends', side], draft))
    if (!a || !b) continue
    if (a.namespace === b.namespace) {
      const where = whereabouts(a.namespace)
      draft.report.error('ends-in-one-place', b.path, `both ends are ${where}; a pair joins two places`)
    }
    if (veth.subnet !== undefined) checkSubnet(veth.subnet, [...path, 'subnet'], draft)
    pairs.push({
      path,
      subnet: veth.subnet ?? null,
      mtu: veth.mtu ?? null,
      adopt: veth.adopt ?? false,
      ends: [a, b],
    })
  }
  nameEnds(pairs)
  checkUnique(pairs, draft)
  return pairs
}

export function checkSubnet(name: string, at: Spot | Path, { names, report }: Draft): void {
  if (names.subnets.has(name)) return
  const notes = didYouMean(name, names.subnets)
  report.error('unknown-subnet', at, ...notes, `declared subnets: ${listOf(names.subnets)}`)
}

function readEnd(end: EndText, path: Path, draft: Draft): PairEnd {
  const settings = typeof end === 'string' ? parseEnd(end) : end
  const { namespace, interface: name } = settings
  const colon = namespace.length
  const spot = (part: [number, number], key: string): Spot =>
    typeof end === 'string' ? { path, part } : { path: [...path, key] }
  if (namespace !== HOST && !draft.names.namespaces.has(namespace)) {
    draft.report.error(
      'unknown-end',
      spot([0, colon], 'namespace'),
      ...didYouMean(namespace, [...draft.names.namespaces, HOST]),
      `declared namespaces: ${listOf(draft.names.namespaces)}; host is the host itself`,
    )
  }
  const interfaceAt = name === undefined ? { path } : spot([colon + 1, colon + 1 + name.length], 'interface')
  if (name !== undefined && RESERVED.has(name)) {
    draft.report.error('reserved-name', interfaceAt, `${name} has a meaning of its own; choose another name`)
  }
  return {
    namespace,
    interface: name ?? '',
    derivedInterface: name === undefined,
    settings,
    path,
    interfaceAt,
  }
}

function parseEnd(text: string): EndObject {
  const [namespace = '', name] = text.split(':')
  return name === undefined ? { namespace } : { namespace, interface: name }
}

function nameEnds(pairs: Pair[]): void {
  const taken = new Map<string, Set<string>>()
  const namesIn = (namespace: string) => {
    const names = taken.get(namespace) ?? new Set()
    taken.set(namespace, names)
    return names
  }
  const ends = pairs.flatMap(pair => pair.ends)
  for (const end of ends) if (!end.derivedInterface) namesIn(end.namespace).add(end.interface)
  const next = new Map<string, number>()
  for (const end of ends) {
    if (!end.derivedInterface || end.namespace === HOST) continue
    let number = next.get(end.namespace) ?? 0
    while (namesIn(end.namespace).has(`eth${number}`)) number++
    end.interface = `eth${number}`
    next.set(end.namespace, number + 1)
  }
  for (const { ends } of pairs) {
    for (const [end, far] of [ends, ends.toReversed() as typeof ends]) {
      if (end.derivedInterface && end.namespace === HOST)
        end.interface = hostInterface(far.namespace, far.interface)
    }
  }
}

/**
 * The name of a host end, from its far end alone, so that it never changes when others come and go. A hyphen in
 * either part would let two far ends share one readable name.
 */
export function hostInterface(namespace: string, name: string): string {
  const readable = `${namespace}-${name}`
  if (readable.length <= LONGEST && !namespace.includes('-') && !name.includes('-')) return readable
  const hash = sha256(`${namespace}:${name}`)
  return `${namespace.slice(0, 8)}-${hash.slice(0, 6)}`
}

function checkUnique(pairs: Pair[], { file, report }: Draft): void {
  const holders = new Map<string, { spot: Spot; what: string }>()
  const claim = (namespace: string, name: string, spot: Spot, what: string, derived: boolean) => {
    const key = `${namespace}:${name}`
    const holder = holders.get(key)
    if (!holder) holders.set(key, { spot, what })
    else {
      const place = namespace === HOST ? 'the host' : namespace
      const notes = [`${name} on ${place} is already ${holder.what} (${report.lineOf(holder.spot)})`]
      if (derived)
        notes.push(`the name was derived from the far end: write ${namespace}:NAME to choose another`)
      report.error('duplicate-interface', spot, ...notes)
    }
  }
  for (const [index, name] of numbered(file.uplinks)) {
    claim(HOST, name, { path: ['uplinks', index] }, 'an uplink', false)
  }
  for (const [name, subnet] of Object.entries(file.subnets ?? {})) {
    if (typeof subnet === 'string' || subnet.bridge === undefined) continue
    claim(HOST, subnet.bridge, { path: ['subnets', name, 'bridge'] }, 'a bridge', false)
  }
  for (const { namespace, interface: name, interfaceAt, derivedInterface } of pairs.flatMap(
    pair => pair.ends,
  )) {
    claim(namespace, name, interfaceAt, 'an end of a pair', derivedInterface)
  }
}
