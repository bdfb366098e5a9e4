import { type AppliedTopology, applyCommand, endIn, endWith, portOf } from './applied.ts'
import type { Flow, Judgement, Verdict } from './judgement.ts'
import { nativeRemedy } from './nft/remedy.ts'
import { aboutOwnRule, translatedTo } from './own-rules.ts'
import { endpoint } from './packet.ts'
import type { Diversion } from './routing/diversion.ts'
import { topologyOfRule } from './rules/owner.ts'
import type { Hop, WalkFailure } from './world.ts'

/**
 * What to do about a verdict, one line each; empty where nothing is wrong.
 *
 * @param applied the topologies on this host, as far as they are known
 */
export function remedyOf(
  { flow, verdict, request }: Walked,
  applied: readonly AppliedTopology[] = [],
): string[] {
  if (verdict.kind === 'undetermined') {
    return ['look at what is not evaluated, or try it: nsctl verify sends real packets']
  }
  if (isDiverted(verdict)) return verdict.diversion.remedy
  if (verdict.kind !== 'failed') return []
  const forward = aboutForward(flow, verdict, request, applied)
  // The rule that stopped it may well stand before the one that publishes.
  if (verdict.why === 'dropped' || verdict.why === 'rejected')
    return [...(forward?.missing ? [forward.text] : []), ...aboutRule(flow, verdict, request, applied)]
  if (forward !== null) return [forward.text]
  return REMEDIES[verdict.why](flow, verdict, applied)
}

type Walked = Pick<Judgement, 'flow' | 'verdict' | 'request'>

type Failed = Extract<Verdict, { kind: 'failed' }>

/** A packet for a published port that stays on the host was not taken by its rule. */
function aboutForward(
  flow: Flow,
  { place, direction }: Failed,
  request: Hop[],
  applied: readonly AppliedTopology[],
): { text: string; missing: boolean } | null {
  if (place !== 'host' || direction === 'reply' || translatedTo(request) !== null) return null
  const found = portOf(flow, applied)
  if (found === null) return null
  const { name } = found.applied
  const { first, target, missing } = found.port
  const end = endpoint(target.namespace ?? target.address, target.port + (flow.port ?? first) - first)
  const what = `the forward ${flow.port} -> ${end} of ${name} is applied`
  return missing
    ? { missing, text: `${what} but its rule is missing: ${applyCommand(found.applied)}` }
    : {
        missing: false,
        text: `${what} but does not take this packet: by its uplinks and sources in ${found.applied.file}, or another rule came first`,
      }
}

function aboutRule(
  flow: Flow,
  verdict: Failed,
  request: Hop[],
  applied: readonly AppliedTopology[],
): string[] {
  const { owner, detail, place, native } = verdict
  if (native) return nativeRemedy(flow, owner, native, place)
  const topology = owner === null ? null : topologyOfRule(owner)
  if (topology !== null) return aboutOwnRule(flow, topology, verdict, request, applied)
  const packet = arriving(flow, request)
  if (owner === 'Docker')
    return [
      `accept it in the chain DOCKER-USER, which Docker leaves to you: ${packet.tool} -I DOCKER-USER ${packet.match} -j ACCEPT`,
    ]
  if (owner === 'ufw') return [`let it through: ${packet.ufw}`]
  if (owner === 'firewalld')
    return ['put its interface into a zone that accepts it, or add a policy: firewall-cmd']
  if (/^policy/.test(detail)) return [`accept it before the policy decides, in ${place}`]
  return [`ask whoever made that rule, or accept the packet before it, in ${place}`]
}

/** The packet as it comes to a rule on its way, in words of tools. */
function arriving({ protocol, family, destination, port }: Flow, request: Hop[]) {
  const becomes = request.flatMap(({ effect }) => /^destination becomes (.*):(\d+)$/.exec(effect) ?? [])
  const [address, to] =
    becomes.length > 0 ? [becomes[1]?.replace(/^\[|\]$/g, ''), Number(becomes[2])] : [destination, port]
  const forwarded = request.some(({ where, effect }) => where === 'route' && effect.includes('dev '))
  const icmp = family === 'ipv4' ? 'icmp' : 'ipv6-icmp'
  return {
    tool: family === 'ipv4' ? 'iptables' : 'ip6tables',
    match: `-p ${protocol === 'icmp' ? icmp : protocol} -d ${address}${to === null ? '' : ` --dport ${to}`}`,
    ufw: `ufw ${forwarded ? 'route ' : ''}allow proto ${protocol} from any to ${address}${to === null ? '' : ` port ${to}`}`,
  }
}

/** A command of `ip` in the place named. */
function ip(place: string, command: string): string {
  return place === 'host' ? `ip ${command}` : `ip -n ${place} ${command}`
}

type Remedy = (flow: Flow, verdict: Failed, applied: readonly AppliedTopology[]) => string[]

const REMEDIES: Record<Exclude<WalkFailure, 'dropped' | 'rejected'>, Remedy> = {
  'no-route': ({ family }, { place }, applied) => {
    const own = endIn(place, applied)
    if (place !== 'host' && own?.end.defaultRoute.includes(family))
      return [`the default route of ${place} is missing: ${applyCommand(own.applied)}`]
    return [
      place === 'host'
        ? 'add a route, or an uplink that leads there'
        : `give ${place} a default route, or one to there`,
    ]
  },
  blackhole: () => ['remove the blackhole route, or add a narrower one'],
  unreachable: () => ['remove the unreachable route, or add a narrower one'],
  prohibit: () => ['remove the prohibit route, or add a narrower one'],
  'rp-filter': ({ from }) =>
    from.input === null
      ? ['set rp_filter of the interface to 2 (loose), or route the way back through it']
      : [
          `let it be loose: sysctl -w net/ipv4/conf/${from.input}/rp_filter=2; or route the way back through ${from.input}`,
        ],
  'forwarding-off': (_, { detail, place }, applied) => {
    const [only, ...more] = applied
    const own = only && more.length === 0 ? only : undefined
    const key = /net\.\S+/.exec(detail)?.[0] ?? 'net.ipv4.conf.all.forwarding'
    return place === 'host'
      ? [`sysctl -w ${key}=1; on links of a topology: ${applyCommand(own)}`]
      : [`nsctl exec ${place} -- sysctl -w ${key}=1`]
  },
  martian: () => ['send from, and to, addresses that may be seen on a link'],
  'no-listener': ({ port, destination, protocol }, { place, detail }) => {
    const sockets = `ss -ln${{ tcp: 't', udp: 'u', sctp: 'S', icmp: 'w' }[protocol]}p`
    const look = place === 'host' ? sockets : `nsctl exec ${place} -- ${sockets}`
    const start = / listens on \S+ only$/.test(detail)
      ? `have it listen on every address, not on one alone; now: ${look}`
      : `start the service on port ${/:(\d+) in /.exec(detail)?.[1] ?? port}${place === 'host' ? '' : ` in ${place}`}; what listens: ${look}`
    return destination === '::1'
      ? [
          'a published port is not reached at [::1], which the kernel does not route: use another address',
          start,
        ]
      : [start]
  },
  'no-neighbour': () => ['check the address, and the addresses on the other side of the link'],
  'link-down': (_, { place, detail }, applied) => {
    const dev = /^(\S+) is down$/.exec(detail)?.[1]
    const own = applied.find(({ topology }) =>
      topology?.veths.some(({ ends }) => ends.some(end => end.namespace === place && end.interface === dev)),
    )
    if (own) return [applyCommand(own)]
    return [dev === undefined ? 'set the link up' : ip(place, `link set ${dev} up`)]
  },
  'no-address': () => ['give it an address of this family'],
  unreadable: () => ['look by hand what is there: nsctl snapshot, ip route get'],
  loop: () => ['two routers send it to each other: correct one of their routes'],
  ignored: ({ family }, { place }) => {
    const key = family === 'ipv4' ? 'net.ipv4.icmp_echo_ignore_all' : 'net.ipv6.icmp.echo_ignore_all'
    return [`${place === 'host' ? '' : `nsctl exec ${place} -- `}sysctl -w ${key}=0`]
  },
  'not-masqueraded': (_, { detail }, applied) => {
    const source = / as (\S+), /.exec(detail)?.[1] ?? ''
    const own = endWith(source, applied)
    const where = own?.subnet ? `subnets.${own.subnet}.masquerade in ${own.applied.file}` : 'masquerade'
    return [
      `masquerade its subnet (${where}), or leave through an uplink of the topology; now ${/through (\S+)/.exec(detail)?.[1] ?? 'it'} is used`,
    ]
  },
  'answer-astray': () => ['make the way back the way there: routes, or masquerade'],
}

/** Whether it is a policy rule that has to be seen to, and not whoever stopped the packet. */
function isDiverted(verdict: Verdict): verdict is Failed & { diversion: Diversion } {
  if (verdict.kind !== 'failed' || verdict.diversion === undefined) return false
  const isForeign = verdict.owner !== null && topologyOfRule(verdict.owner) === null
  return verdict.diversion.isCause === true || !isForeign
}
