import { iptablesOf } from '../model/host/iptables.ts'
import type { Packet } from './packet.ts'
import type { Segment } from './routing/neighbour.ts'
import { passHook, passLinkHook } from './rules/hooks.ts'
import { enter, remember, type Transit } from './transit.ts'
import { type Course, stackNamed, type WalkEnd, type Walking } from './world.ts'

/** Takes a packet over a bridge: through the hooks of its ports and its own. `end` is null where it comes out. */
export function* crossBridge(
  course: Course,
  packet: Packet,
  { place: name, name: bridge, from, to }: Segment,
): Walking<{ end: WalkEnd | null; packet: Packet }> {
  const place = yield* stackNamed(name)
  if (place === null) return { end: null, packet }
  const transit = enter(course, place, packet, from)
  const comesIn =
    from === null
      ? null
      : ((yield* passLinkHook(transit, 'netdev', 'ingress')) ??
        (yield* passLinkHook(transit, 'bridge', 'prerouting')))
  if (comesIn) return { end: comesIn, packet }
  if (to === null) {
    transit.output = bridge
    return { end: yield* passLinkHook(transit, 'bridge', 'input'), packet: transit.packet }
  }
  if (from !== null) {
    const stopped = yield* routedByBridge(transit, bridge)
    if (stopped) return { end: stopped, packet }
  }
  transit.output = to
  const end =
    (yield* passLinkHook(transit, 'bridge', from === null ? 'output' : 'forward')) ??
    (yield* passLinkHook(transit, 'bridge', 'postrouting')) ??
    (yield* passLinkHook(transit, 'netdev', 'egress'))
  return { end, packet: transit.packet }
}

/** Where br_netfilter hands what passes a bridge to the IP hooks, the bridge is both the way in and the way out. */
function* routedByBridge({ course, place, packet }: Transit, bridge: string): Walking<WalkEnd | null> {
  if (place.network.sysctls[`net/bridge/bridge-nf-call-${iptablesOf(packet.family)}`] !== '1') return null
  const transit = enter(course, place, packet, bridge, true)
  const before = packet.tuple.destination
  const pre = yield* passHook(transit, 'PREROUTING')
  if (pre || transit.packet.tuple.destination !== before) return pre
  transit.output = bridge
  const end = (yield* passHook(transit, 'FORWARD')) ?? (yield* passHook(transit, 'POSTROUTING'))
  remember(transit)
  return end
}
