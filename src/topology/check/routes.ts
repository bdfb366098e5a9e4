import {
  type Cidr,
  cidr,
  contains,
  DEFAULT_ROUTE,
  type Family,
  familyOf,
  formatAddress,
  formatCidr,
  isLinkLocal,
  isNetwork,
  networkOf,
  parseAddress,
  parseCidr,
} from '../../model/address.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { DeclaredRoute } from '../../model/topology.ts'
import { type Draft, numbered } from '../parse/draft.ts'
import type { Route } from '../parse/file.ts'
import { didYouMean } from '../parse/nearest.ts'
import { whyNoAddress, whyNoCidr } from '../parse/patterns.ts'
import type { Path } from '../parse/tree.ts'

/** What a namespace is connected to; null for the host, whose other interfaces the file does not know. */
export interface Surroundings {
  /** Interfaces with the networks they are in. */
  interfaces: Map<string, Cidr[]>
  /** The namespace's own addresses, as far as they are written. */
  own: Set<string>
  /** Whether there may be interfaces the file does not name. */
  open: boolean
}

export function readRoutes(
  routes: Route[] | undefined,
  path: Path,
  around: Surroundings,
  draft: Draft,
): DeclaredRoute[] {
  const read: DeclaredRoute[] = []
  const seen = new Map<string, Path>()
  for (const [index, route] of numbered(routes)) {
    const at = [...path, index]
    const one = readRoute(route, at, around, draft)
    if (!one) continue
    const key = `${one.to} ${one.metric}`
    const twin = seen.get(key)
    if (twin) {
      const metric = one.metric === null ? 'without metric' : `with metric ${one.metric}`
      draft.report.error(
        'duplicate-route',
        [...at, 'to'],
        `a route to ${one.to} ${metric} is already on ${draft.report.lineOf(twin)}`,
        'give the one that is to serve as spare a higher metric',
      )
    } else seen.set(key, at)
    read.push(one)
  }
  return read
}

function readRoute(route: Route, at: Path, around: Surroundings, draft: Draft): DeclaredRoute | null {
  const { report } = draft
  const type = route.type ?? 'unicast'
  const via = route.via === undefined ? null : parseAddress(route.via)
  if (route.via !== undefined && !via) {
    report.error('invalid-address', [...at, 'via'], ...whyNoAddress(route.via))
    return null
  }
  const to = readDestination(route.to, via?.family ?? 'ipv4', [...at, 'to'], draft)
  if (!to) return null
  if (type !== 'unicast') {
    for (const key of ['via', 'dev'] as const) {
      if (route[key] !== undefined)
        report.error(
          'route-to-nowhere',
          [...at, key],
          `type ${type} leads nowhere: remove ${key}, or the type`,
        )
    }
  } else if (!via && route.dev === undefined) {
    report.error('route-without-hop', at, 'expected via, dev or both', 'or a type: blackhole, unreachable')
  }
  if (via && type === 'unicast') checkNextHop(via, to, route, at, around, draft)
  if (route.dev !== undefined && !around.open && !around.interfaces.has(route.dev)) {
    const names = [...around.interfaces.keys()]
    report.error(
      'unknown-interface',
      [...at, 'dev'],
      ...didYouMean(route.dev, names),
      `interfaces here: ${listOf(names)}`,
    )
  }
  return {
    to: formatCidr(to),
    via: via && formatAddress(via),
    dev: route.dev ?? null,
    // To the kernel a metric of 0 is none.
    metric: route.metric || null,
    type,
    source: report.sourceOf(at),
  }
}

function readDestination(text: string, family: Family, at: Path, { report }: Draft): Cidr | null {
  if (text === 'default') return cidr(DEFAULT_ROUTE[family])
  const to = parseCidr(text)
  if (!to) report.error('invalid-cidr', at, ...whyNoCidr(text, ', or default'))
  else if (!isNetwork(to)) {
    report.error(
      'host-bits',
      { path: at, part: [0, text.indexOf('/')] },
      `the network is ${formatCidr(networkOf(to))}`,
    )
  } else return to
  return null
}

function checkNextHop(
  via: Cidr,
  to: Cidr,
  route: Route,
  at: Path,
  around: Surroundings,
  { report }: Draft,
): void {
  const spot = [...at, 'via']
  const text = formatAddress(via)
  if (via.family !== to.family) {
    report.error('route-family-mismatch', spot, `${formatCidr(to)} is ${to.family}, ${text} is ${via.family}`)
    return
  }
  if (around.own.has(text)) {
    report.error(
      'unreachable-next-hop',
      spot,
      `${text} is an address of the same place: a next hop is another machine's`,
    )
    return
  }
  if (isLinkLocal(via) && via.family === 'ipv6') {
    if (route.dev === undefined)
      report.error(
        'route-without-hop',
        spot,
        'a link-local next hop needs dev: every interface has that network',
      )
    return
  }
  const through =
    route.dev === undefined ? [...around.interfaces.values()].flat() : around.interfaces.get(route.dev)
  if (!through || (around.open && route.dev === undefined)) return
  if (through.some(network => contains(network, via))) return
  const networks = through
    .filter(({ family }) => family === via.family)
    .map(network => formatCidr(networkOf(network)))
  report.error('unreachable-next-hop', spot, `connected networks: ${listOf(networks)}`)
}

/** Families of the routes that take the place of the automatic default route. */
export function defaultFamilies(routes: DeclaredRoute[]): Map<Family, DeclaredRoute> {
  const found = new Map<Family, DeclaredRoute>()
  for (const route of routes) {
    const family = familyOf(route.to)
    if (route.to === DEFAULT_ROUTE[family] && route.metric === null) found.set(family, route)
  }
  return found
}
