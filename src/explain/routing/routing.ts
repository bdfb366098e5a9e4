import { cidr, contains, type Family, familyOf, isLinkLocal, isLoopback } from '../../model/address.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { NetworkStack, Routed, RouteQuestion } from '../../model/host/network-stack.ts'
import { rulesAtBirth } from '../../model/host/rtnetlink.ts'
import type { PolicyRule, Route } from '../../model/host/snapshot.ts'
import { addressToward, addressType, isLocal, type Transit } from '../transit.ts'
import { askRoute, type Walking } from '../world.ts'
import { routesTo } from './routes-to.ts'

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
  const modelled = routeBy(place, question)
  const answered = yield* askRoute(question)
  if (answered === null) return modelled
  // The kernel gives one error for many causes: which one it was the tables tell.
  if (answered.kind === 'refused' && modelled.kind === 'refused') return modelled
  // It answers for IPv6 as if it forwarded everywhere.
  if (answered.kind === 'unicast' && modelled.kind === 'refused' && modelled.why === 'forwarding-off')
    return modelled
  return answered
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
  const modelled = routeBy(place, question, isLinkLocal(cidr(source)) ? input : null)
  if (isLinkLocal(cidr(source)) || modelled.kind !== 'unknown') return modelled
  return (yield* askRoute(question)) ?? modelled
}

/** The kernel's routing by its tables; `output` is asked of link-local addresses, which are on every link. */
function routeBy(place: NetworkStack, question: RouteQuestion, output: string | null = null): Routed {
  const martian = question.input === null ? null : martianOf(place, question)
  if (martian !== null) return martian
  const found = lookUp(place, question, output)
  if (question.input === null || found.kind === 'unknown') return found
  const { input, family, source } = question
  if (found.kind !== 'local' && !forwards(place, family, input)) {
    const key = family === 'ipv4' ? `net.ipv4.conf.${input}.forwarding` : 'net.ipv6.conf.all.forwarding'
    return { kind: 'refused', why: 'forwarding-off', detail: `${key} is 0` }
  }
  if (found.kind === 'refused' || family === 'ipv6' || source === null) return found
  return reverseFilter(place, question) ?? found
}

function lookUp(place: NetworkStack, question: RouteQuestion, output: string | null): Routed {
  for (const rule of rulesOf(place, question.family)) {
    const applies = selects(rule, question)
    if (applies === null) return { kind: 'unknown', why: `ip rule ${rule.priority}` }
    if (!applies) continue
    const action = rule.selector.action
    if (action !== undefined) return refusedByRule(rule, String(action))
    const found = best(place, question, rule.table, output)
    if (!found || found.type === 'throw') continue
    const suppress = Number(rule.selector.suppress_prefixlen ?? -1)
    if (cidr(found.to).prefix <= suppress) continue
    return routed(place, question, found)
  }
  return {
    kind: 'refused',
    why: 'no-route',
    detail: `${place.name} has no route to ${question.destination}`,
  }
}

/** FR_ACT_… of linux/fib_rules.h. */
const ACTIONS: Record<string, 'blackhole' | 'unreachable' | 'prohibit'> = {
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
}

function refusedByRule({ priority }: PolicyRule, action: string): Routed {
  const why = ACTIONS[action]
  if (why === undefined) return { kind: 'unknown', why: `ip rule ${priority}` }
  return { kind: 'refused', why, detail: `ip rule ${priority} says ${why}` }
}

function rulesOf({ network }: NetworkStack, family: Family): PolicyRule[] {
  const rules = network.rules.filter(rule => rule.family === family)
  // Those of IPv6 are not always read: without hints at others they are the kernel's own.
  return rules.length > 0 ? rules.toSorted((a, b) => a.priority - b.priority) : rulesAtBirth(family)
}

const JUDGED = ['dst', 'dstlen', 'fwmark', 'fwmask', 'iif', 'not', 'action', 'suppress_prefixlen', 'detached']

/** Null where a selector is not known here. */
function selects({ from, selector }: PolicyRule, question: RouteQuestion): boolean | null {
  if (Object.keys(selector).some(key => !JUDGED.includes(key))) return null
  const { dst, dstlen, fwmark, fwmask = 0xffffffff, iif } = selector
  const source = question.source === null ? null : cidr(question.source)
  const to = dst === undefined ? null : cidr(dstlen === undefined ? String(dst) : `${dst}/${dstlen}`)
  const all = [
    from === 'all' || (source !== null && contains(cidr(from), source)),
    to === null || contains(to, cidr(question.destination)),
    fwmark === undefined || (question.mark & Number(fwmask)) >>> 0 === Number(fwmark) >>> 0,
    // What the place itself sends comes from lo.
    iif === undefined || iif === (question.input ?? 'lo'),
  ].every(holds => holds)
  return selector.not === undefined ? all : !all
}

function best(
  place: NetworkStack,
  { destination }: RouteQuestion,
  table: number,
  output: string | null,
): Route | null {
  const fitting = routesTo(place.network.routes, cidr(destination)).filter(
    route => route.table === table && (output === null || route.dev === output),
  )
  const rank = (route: Route) => -cidr(route.to).prefix
  const [found] = fitting.toSorted((a, b) => rank(a) - rank(b) || a.metric - b.metric)
  return found ?? null
}

function routed(
  place: NetworkStack,
  question: RouteQuestion,
  { type, dev, via, to, source, multipath }: Route,
): Routed {
  const { destination } = question
  if (multipath) return { kind: 'unknown', why: `route ${to} has several next hops` }
  if (type === 'local') return { kind: 'local', source }
  if (type === 'blackhole' || type === 'unreachable' || type === 'prohibit')
    return { kind: 'refused', why: type, detail: `${place.name} has a ${type} route ${to}` }
  if (type !== 'unicast' || dev === null) return { kind: 'unknown', why: `route ${type} ${to}` }
  // Off the loopback, 127.0.0.0/8 goes only through links that are told to.
  if (
    question.source !== null &&
    familyOf(question.source) === 'ipv4' &&
    isLoopback(cidr(question.source)) &&
    dev !== 'lo' &&
    !either(place, dev, 'route_localnet')
  )
    return { kind: 'refused', why: 'martian', detail: `route_localnet of ${dev} is 0` }
  return { kind: 'unicast', dev, via, source: source ?? addressToward(place, dev, via ?? destination) }
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

function reverseFilter(place: NetworkStack, question: RouteQuestion): Routed | null {
  const { input, source, destination } = question
  if (input === null || input === 'lo' || source === null) return null
  const key = (name: string) => Number(sysctl(place, `net/ipv4/conf/${name}/rp_filter`) ?? 0)
  const mode = Math.max(key('all'), key(input))
  if (mode === 0) return null
  const asked = isLocal(place, destination) ? destination : null
  const back = lookUp(place, { ...question, destination: source, source: asked, input: null }, null)
  if (back.kind === 'unknown') return back
  if (back.kind === 'unicast' && (mode === 2 || back.dev === input)) return null
  const where = back.kind === 'unicast' ? `leads through ${back.dev}` : 'does not exist'
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
