import { type Family, familyOf } from '../../model/address.ts'
import { groupBy } from '../../model/text/lookup.ts'
import type { End, Namespace, Veth } from '../../model/topology.ts'
import type { Draft } from '../parse/draft.ts'
import { HOST, type Pair, type PairEnd } from './ends.ts'
import { defaultFamilies } from './routes.ts'
import type { Segment } from './subnets.ts'

interface Candidate {
  end: End
  from: PairEnd
  families: Family[]
}

/** Chooses, per namespace and family, the end that the default route goes through; writes it into the ends. */
export function chooseDefaultRoutes(
  draft: Draft,
  pairs: Pair[],
  veths: Veth[],
  namespaces: Namespace[],
  segments: Map<string, Segment>,
): void {
  const byName = new Map(namespaces.map(namespace => [namespace.name, namespace]))
  const candidates = pairs.flatMap((pair, index) => candidatesOf(pair, veths[index], segments, draft))
  for (const [name, own] of groupBy(candidates, ({ end }) => end.namespace)) {
    for (const family of ['ipv4', 'ipv6'] as const) choose(family, own, byName.get(name), draft)
  }
}

function candidatesOf(
  pair: Pair,
  veth: Veth | undefined,
  segments: Map<string, Segment>,
  draft: Draft,
): Candidate[] {
  const segment = pair.subnet === null ? undefined : segments.get(pair.subnet)
  const joined = pair.ends.some(end => end.namespace === HOST)
  const families = joined ? (segment?.subnet.gateways ?? []).map(familyOf) : []
  return pair.ends.flatMap((from, side) => {
    const end = veth?.ends[side]
    if (!end) return []
    const inside = from.namespace !== HOST
    const unknown = pair.subnet !== null && !segment
    if (from.settings['default-route'] === true && (!inside || families.length === 0) && !unknown) {
      const why = inside
        ? 'a default route goes through the gateway of a subnet that the host is in'
        : 'the host keeps its own default route; say it at the end in the namespace'
      draft.report.error('default-route-without-gateway', [...from.path, 'default-route'], why)
    }
    return inside && families.length > 0 ? [{ end, from, families }] : []
  })
}

function choose(
  family: Family,
  candidates: Candidate[],
  namespace: Namespace | undefined,
  { report }: Draft,
): void {
  const able = candidates.filter(({ families }) => families.includes(family))
  const [claimed, ...more] = able.filter(({ from }) => from.settings['default-route'] === true)
  for (const { from } of more) {
    const first = claimed ? report.lineOf(claimed.from.path) : ''
    report.error(
      'two-default-routes',
      [...from.path, 'default-route'],
      `the end on ${first} claims it already`,
    )
  }
  const declared = namespace && defaultFamilies(namespace.routes).get(family)
  if (declared) {
    if (claimed) {
      report.error(
        'two-default-routes',
        [...claimed.from.path, 'default-route'],
        `${namespace.name} has a default route of its own on line ${declared.source.line}`,
        'remove one of the two, or give that route a metric',
      )
    }
    return
  }
  const chosen = claimed ?? able.find(({ from }) => from.settings['default-route'] !== false)
  chosen?.end.defaultRoute.push(family)
}
