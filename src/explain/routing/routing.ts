import { cidr, type Family, familyOf, isLinkLocal, isLoopback } from '../../model/address.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { NetworkStack, Routed, RouteQuestion } from '../../model/host/network-stack.ts'
import type { NextHop } from '../../model/host/next-hop.ts'
import { rulesAtBirth } from '../../model/host/rtnetlink.ts'
import type { PolicyRule, Route } from '../../model/host/snapshot.ts'
import { followRules, nextHopsOf, type RouteDecision } from '../../model/routing/policy.ts'
import { ACTIONS, printedRoute, printedRule } from '../../model/routing/printed.ts'
import { addressToward, addressType, isLocal, type Transit } from '../transit.ts'
import { askRoute, supposed, type Walking } from '../world.ts'

/** Where a packet goes from here: as the kernel says where it can be asked, else as its tables say. */
export function* route(transit: Transit, source: string | null): Walking<Routed> {
  const { place, packet, input } = transit
  const question: RouteQuestion = {
    place: place.name,
    family: packet.family,
    destination: packet.tuple.destination,
    source,
    input,
    mark: packet.mark,
    protocol: packet.protocol,
    destinationPort: typeof packet.tuple.destinationPort === 'number' ? packet.tuple.destinationPort : null,
  }
  const modelled = routeBy(transit, question)
  const answered = yield* askRoute(question)
  if (answered === null || (modelled.kind === 'unicast' && agrees(modelled, answered))) return modelled
  // The kernel gives one error for many causes: which one it was the tables tell.
  if (answered.kind === 'refused' && modelled.kind === 'refused') return modelled
  // It answers for IPv6 as if it forwarded everywhere.
  if (answered.kind === 'unicast' && modelled.kind === 'refused' && modelled.why === 'forwarding-off')
    return modelled
  return answered
}

/** Of several next hops the kernel names one, by a hash that is another for each flow: all are tried. */
function agrees({ dev, oneOfSeveral }: Extract<Routed, { kind: 'unicast' }>, answered: Routed): boolean {
  return answered.kind === 'unicast' && (oneOfSeveral === true || answered.dev === dev)
}

/** What rpfilter asks: the way to the source, from the destination. */
export function* askWayBack(transit: Transit): Walking<Routed> {
  const { place, packet, input } = transit
  const { source, destination } = packet.tuple
  const question: RouteQuestion = {
    place: place.name,
    family: packet.family,
    destination: source,
    source: isLocal(place, destination) ? destination : null,
    input: null,
    mark: 0,
    protocol: packet.protocol,
    destinationPort: null,
  }
  // Link-local addresses are on every link. Of several ways back any may be the one.
  const only = isLinkLocal(cidr(source)) ? input : null
  const modelled = routeBy(transit, question, { only, rather: input })
  if (isLinkLocal(cidr(source)) || modelled.kind !== 'unknown') return modelled
  return (yield* askRoute(question)) ?? modelled
}

/** Which next hops count: only those through an interface, or rather one through it than any other. */
interface Wanted {
  only?: string | null
  rather?: string | null
}

/** The kernel's routing by its tables. */
function routeBy(asking: Asking, question: RouteQuestion, wanted: Wanted = {}): Routed {
  const { place } = asking
  const martian = question.input === null ? null : martianOf(place, question)
  if (martian !== null) return martian
  const found = lookUp(asking, question, wanted)
  if (question.input === null || found.kind === 'unknown') return found
  const { input, family, source } = question
  if (found.kind !== 'local' && !forwards(place, family, input)) {
    const key = family === 'ipv4' ? `net.ipv4.conf.${input}.forwarding` : 'net.ipv6.conf.all.forwarding'
    return { kind: 'refused', why: 'forwarding-off', detail: `${key} is 0` }
  }
  if (found.kind === 'refused' || family === 'ipv6' || source === null) return found
  return reverseFilter(asking, question) ?? found
}

/**
 * What rules and tables say. Where they leave it open, for want of a selector that is known here or because the kernel
 * chooses among several next hops, it is tried each way.
 */
function lookUp({ place, course }: Asking, question: RouteQuestion, wanted: Wanted): Routed {
  const walking = followRules(place.network, { ...question, output: wanted.only ?? null })
  let step = walking.next()
  while (!step.done) {
    const { rule } = step.value
    const key = `${place.name} rule ${rule.priority} ${question.destination}`
    step = walking.next(supposed(course, key, `whether ${printedRule(rule)} is for it, in ${place.name}`))
  }
  const decision = step.value
  if (decision === null)
    return {
      kind: 'refused',
      why: 'no-route',
      detail: `${place.name} has no route to ${question.destination}`,
    }
  const { rule, route } = decision
  return route === null ? refusedByRule(rule) : routed({ place, course }, question, { rule, route }, wanted)
}

/** Whose routing is asked, in which walk. */
type Asking = Pick<Transit, 'place' | 'course'>

function refusedByRule(rule: PolicyRule): Routed {
  const why = ACTIONS[String(rule.selector.action)]
  if (why === undefined) return { kind: 'unknown', why: printedRule(rule) }
  return { kind: 'refused', why, detail: `${printedRule(rule)} decides` }
}

function routed(
  { place, course }: Asking,
  question: RouteQuestion,
  { rule, route }: RouteDecision & { route: Route },
  wanted: Wanted,
): Routed {
  const { destination } = question
  const { type, to, source } = route
  if (type === 'local') return { kind: 'local', source }
  const by = ruleToTell(rule)
  if (type === 'blackhole' || type === 'unreachable' || type === 'prohibit')
    return {
      kind: 'refused',
      why: type,
      detail: `${place.name} has a ${type} route ${to}${by === undefined ? '' : `, by ${printedRule(by)}`}`,
    }
  const hop = type === 'unicast' ? hopOf({ place, course }, question, route, wanted) : null
  if (!hop?.dev) return { kind: 'unknown', why: `route ${type} ${to}` }
  const { dev, via } = hop
  // Off the loopback, 127.0.0.0/8 goes only through links that are told to.
  if (
    question.source !== null &&
    familyOf(question.source) === 'ipv4' &&
    isLoopback(cidr(question.source)) &&
    dev !== 'lo' &&
    !either(place, dev, 'route_localnet')
  )
    return { kind: 'refused', why: 'martian', detail: `route_localnet of ${dev} is 0` }
  return {
    ...{ kind: 'unicast', dev, via, source: source ?? addressToward(place, dev, via ?? destination) },
    ...(by === undefined ? {} : { by }),
    ...(nextHopsOf(route).length > 1 ? { oneOfSeveral: true as const } : {}),
  }
}

/** The next hop; where the kernel chooses by a hash of the flow, each in turn. */
function hopOf(
  { place, course }: Asking,
  { destination }: RouteQuestion,
  route: Route,
  { only = null, rather }: Wanted,
): NextHop | undefined {
  const hops = nextHopsOf(route).filter(({ dev }) => only === null || dev === only)
  if (rather !== undefined) return hops.find(({ dev }) => dev === rather) ?? hops[0]
  const [last] = hops.slice(-1)
  return (
    hops.slice(0, -1).find(({ via, dev }) => {
      const way = `${via === null ? '' : `via ${via} `}dev ${dev}`
      const key = `${place.name} route ${route.table} ${route.to} ${way} ${destination}`
      return supposed(
        course,
        key,
        `whether the kernel takes ${way} of ${printedRoute(route)}, in ${place.name}`,
      )
    }) ?? last
  )
}

/** A rule that is not the kernel's own, of others or for replies. */
function ruleToTell(rule: PolicyRule): PolicyRule | undefined {
  const isBorn = rulesAtBirth(rule.family).some(
    ({ priority, table }) => priority === rule.priority && table === rule.table,
  )
  return isBorn ? undefined : rule
}

/** Addresses that no packet from a wire may bear. */
function martianOf(
  place: NetworkStack,
  { family, input, source, destination }: RouteQuestion,
): Routed | null {
  if (input === null || input === 'lo' || source === null) return null
  const refused = (detail: string): Routed => ({ kind: 'refused', why: 'martian', detail })
  if (family === 'ipv6') {
    return isLoopback(cidr(source)) || isLoopback(cidr(destination))
      ? refused('::1 never comes from a link')
      : null
  }
  const loopback = [source, destination].find(text => isLoopback(cidr(text)))
  if (loopback !== undefined && !either(place, input, 'route_localnet'))
    return refused(`${loopback} never comes from a link, and route_localnet of ${input} is 0`)
  if (addressType(place, source) === 'LOCAL' && !isLoopback(cidr(source)))
    return refused(`${source} is an address of ${place.name} itself: it cannot come from elsewhere`)
  return null
}

function reverseFilter(asking: Asking, question: RouteQuestion): Routed | null {
  const { place } = asking
  const { input, source, destination } = question
  if (input === null || input === 'lo' || source === null) return null
  const key = (name: string) => Number(sysctl(place, `net/ipv4/conf/${name}/rp_filter`) ?? 0)
  const mode = Math.max(key('all'), key(input))
  if (mode === 0) return null
  const asked = isLocal(place, destination) ? destination : null
  const back = lookUp(
    asking,
    { ...question, destination: source, source: asked, input: null },
    { rather: input },
  )
  if (back.kind === 'unknown') return back
  if (back.kind === 'unicast' && (mode === 2 || back.dev === input)) return null
  const rule = back.kind === 'unicast' && back.by ? `, by ${printedRule(back.by)}` : ''
  const where = back.kind === 'unicast' ? `leads through ${back.dev}${rule}` : 'does not exist'
  return {
    kind: 'refused',
    why: 'rp-filter',
    detail: `rp_filter of ${input} is ${mode}, and the way back to ${source} ${where}`,
  }
}

/** IPv4 asks the interface it came in by alone; IPv6 the whole place, and since 6.17 the interface too. */
function forwards(place: NetworkStack, family: Family, input: string | null): boolean {
  if (family === 'ipv4') return sysctl(place, `net/ipv4/conf/${input}/forwarding`) === '1'
  return (
    sysctl(place, 'net/ipv6/conf/all/forwarding') === '1' ||
    sysctl(place, `net/ipv6/conf/${input}/force_forwarding`) === '1'
  )
}

function either(place: NetworkStack, link: string, name: string): boolean {
  return [link, 'all'].some(one => sysctl(place, `net/ipv4/conf/${one}/${name}`) === '1')
}

function sysctl({ network }: NetworkStack, key: string): string | undefined {
  return network.sysctls[key]
}

/** Whether a link is there and up. */
export function isUp({ network }: NetworkStack, name: string): boolean {
  return linkNamed(network.links, name)?.up ?? false
}
