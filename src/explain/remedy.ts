import { ownChain } from '../firewall/roles.ts'
import type { Flow, Judgement, Verdict } from './judgement.ts'
import { nativeRemedy } from './nft/remedy.ts'
import { endpoint } from './packet.ts'
import type { Diversion } from './routing/diversion.ts'
import { topologyOfRule } from './rules/owner.ts'
import type { Hop, WalkFailure } from './world.ts'

/** What to do about a verdict, one line each; empty where nothing is wrong. */
export function remedyOf({ flow, verdict, request }: Walked): string[] {
  if (verdict.kind === 'undetermined') {
    return ['look at what is not evaluated, or try it: nsctl verify sends real packets']
  }
  if (isDiverted(verdict)) return verdict.diversion.remedy
  if (verdict.kind !== 'failed') return []
  if (verdict.why === 'dropped' || verdict.why === 'rejected') return aboutRule(flow, verdict, request)
  return REMEDIES[verdict.why](flow, verdict)
}

type Walked = Pick<Judgement, 'flow' | 'verdict' | 'request'>

type Failed = Extract<Verdict, { kind: 'failed' }>

function aboutRule(flow: Flow, { owner, chain, detail, place, native }: Failed, request: Hop[]): string[] {
  if (native) return nativeRemedy(flow, owner, native, place)
  const topology = owner === null ? null : topologyOfRule(owner)
  if (topology !== null) return ownRule(flow, topology, chain, request)
  if (owner === 'Docker') return ['accept it in the chain DOCKER-USER, which Docker leaves to you']
  if (owner === 'ufw')
    return ['let it through with `ufw route allow`, or `ufw allow` for services of the host']
  if (owner === 'firewalld')
    return ['put its interface into a zone that accepts it, or add a policy: firewall-cmd']
  if (/^policy/.test(detail)) return [`accept it before the policy decides, in ${place}`]
  return [`ask whoever made that rule, or accept the packet before it, in ${place}`]
}

/** A rule of a topology does what its file says: which line of it would let the packet through. */
function ownRule(
  { from, port, destination }: Flow,
  topology: string,
  chain: string | null,
  request: Hop[],
): string[] {
  const role = chain === null ? null : ownChain(chain)?.role
  if (role === 'antiSpoofing') return ['a namespace sends from addresses of its own subnet only']
  if (role === 'hostAccess')
    return [`the subnet says host-access: false in ${topology}; publish the service, or open it`]
  const published = request.flatMap(({ effect }) => TARGET.exec(effect)?.[1] ?? [])[0]
  // What a published port leads to is behind an own link, unless that is not there: then the way out looks right.
  if (role === 'fence' && published !== undefined)
    return [
      `the link to ${published} is gone or down: nsctl status ${topology} shows it, nsctl apply mends it`,
    ]
  if (role === 'fence')
    return ['the uplink does not make this host a router: accept it in FORWARD, or in NSCTL-USER']
  if (from.input !== null) {
    return [
      `publish it: forwards: [{ listen: ${port ?? 'PORT'}, to: NAMESPACE:${port ?? 'PORT'} }], or open the path: allow: [{ from: outside, to: … }]`,
    ]
  }
  return [
    `in ${topology}: open the path to ${endpoint(destination, port)} with allow, use a published port, or let the subnet use the uplink`,
  ]
}

const TARGET = /^destination becomes \[?([^\]]+?)\]?:\d+$/

const REMEDIES: Record<
  Exclude<WalkFailure, 'dropped' | 'rejected'>,
  (flow: Flow, verdict: Failed) => string[]
> = {
  'no-route': (_, { place }) => [
    place === 'host'
      ? 'add a route, or an uplink that leads there'
      : `give ${place} a default route, or one to there`,
  ],
  blackhole: () => ['remove the blackhole route, or add a narrower one'],
  unreachable: () => ['remove the unreachable route, or add a narrower one'],
  prohibit: () => ['remove the prohibit route, or add a narrower one'],
  'rp-filter': ({ from }) => [
    `set rp_filter of the interface to 2 (loose), or route the way back through ${from.input ?? 'it'}`,
  ],
  'forwarding-off': (_, { detail }) => [
    `sysctl -w ${/net\.\S+/.exec(detail)?.[0] ?? 'net.ipv4.conf.IF.forwarding'}=1; on links of a topology: nsctl apply`,
  ],
  martian: () => ['send from, and to, addresses that may be seen on a link'],
  'no-listener': ({ port, destination }, { place }) => [
    ...(destination === '::1'
      ? ['a published port is not reached at [::1], which the kernel does not route: use another address']
      : []),
    place === 'host' ? `start the service on port ${port}` : `start it: nsctl exec ${place} -- COMMAND`,
  ],
  'no-neighbour': () => ['check the address, and the addresses on the other side of the link'],
  'link-down': () => ['set the link up; if it is of a topology: nsctl apply'],
  'no-address': () => ['give it an address of this family'],
  unreadable: () => ['look by hand what is there: nsctl snapshot, ip route get'],
  loop: () => ['two routers send it to each other: correct one of their routes'],
  ignored: () => ['sysctl net.ipv4.icmp_echo_ignore_all, net.ipv6.icmp.echo_ignore_all'],
  'not-masqueraded': (_, { detail }) => [
    `masquerade its subnet (subnets.NAME.masquerade), or leave through an uplink of the topology; now ${/through (\S+)/.exec(detail)?.[1] ?? 'it'} is used`,
  ],
  'answer-astray': () => ['make the way back the way there: routes, or masquerade'],
}

/** Whether it is a policy rule that has to be seen to, and not whoever stopped the packet. */
function isDiverted(verdict: Verdict): verdict is Failed & { diversion: Diversion } {
  if (verdict.kind !== 'failed' || verdict.diversion === undefined) return false
  const isForeign = verdict.owner !== null && topologyOfRule(verdict.owner) === null
  return verdict.diversion.isCause === true || !isForeign
}
