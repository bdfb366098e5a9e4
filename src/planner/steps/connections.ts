import type { Option, Rule } from '../../firewall/codec/rule.ts'
import { isExact, type Selector, selectorOf } from '../../firewall/codec/selector.ts'
import { bareAddress, translationOf } from '../../firewall/codec/translation.ts'
import type { ForgetFlows } from '../../model/command/conntrack.ts'
import type { PortRange } from '../../model/topology.ts'

/** Connections, as conntrack is asked for them. */
export type Flows = Pick<ForgetFlows, 'match' | 'destination'>

/** Connections that a rule lets through or translates; of a rule that is not nsctl's own it is not known which. */
export function flowsBy(rule: Rule): Flows[] {
  const selector = selectorOf(rule)
  if (!isExact(selector, isGroup)) return []
  const { source, destination, out } = selector
  switch (rule.target?.name) {
    case 'DNAT':
      return translatedBy(rule)
    case 'MASQUERADE':
      return source && out ? [flows({ 'orig-src': source.is })] : []
    case 'RETURN':
      return destination && (source || selector.in) ? directPath(selector) : []
    default:
      return []
  }
}

/** Which links packets come and go by, conntrack does not know. */
function isGroup({ module }: Option): boolean {
  return module === 'devgroup'
}

function translatedBy(rule: Rule): Flows[] {
  const translation = translationOf(rule)
  if (translation === null) return []
  const { selector, protocol, listen, ports, to } = translation
  return offsetsIn(ports).map(offset =>
    flows(
      {
        protonum: protocol,
        'orig-src': selector.source?.is,
        'orig-port-dst': portAt(ports.first, offset),
        'reply-src': to.address,
        'reply-port-src': portAt(to.port, offset),
      },
      listen,
    ),
  )
}

function directPath({ protocol, source, destination, ports }: Selector): Flows[] {
  const [range] = ports?.is ?? []
  return (range ? offsetsIn(range) : [null]).map(offset =>
    flows({
      protonum: protocol?.is,
      'orig-src': source?.is,
      'orig-dst': bareAddress(destination?.is ?? ''),
      'orig-port-dst': portAt(range?.first, offset),
    }),
  )
}

/** What left through an uplink that its subnet may not use any more; conntrack does not tell through which it left. */
export function flowsBarredBy(rule: Rule): Flows[] {
  const { source, out } = selectorOf(rule)
  return rule.target?.name === 'DROP' && source && out ? [flows({ 'orig-src': source.is })] : []
}

/** UDP that was sent to a port before it was published is remembered as not translated. */
export function flowsDeafTo(rule: Rule): Flows[] {
  const translation = translationOf(rule)
  if (translation?.protocol !== 'udp') return []
  const { ports, listen } = translation
  return offsetsIn(ports).map(offset =>
    flows({ protonum: 'udp', 'orig-port-dst': portAt(ports.first, offset) }, listen ?? 'local'),
  )
}

function flows(match: Record<string, string | undefined>, destination: Flows['destination'] = null): Flows {
  const given = Object.entries(match).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { match: Object.fromEntries(given), destination }
}

/** So many ports are forgotten one by one; for more, whatever the port. */
const WIDE = 512

/** Offsets into a range of ports; null stands for all of them at once. */
function offsetsIn({ first, last }: PortRange): (number | null)[] {
  const count = last - first + 1
  return count > WIDE ? [null] : Array.from({ length: count }, (_, i) => i)
}

function portAt(first: number | undefined, offset: number | null): string | undefined {
  return first === undefined || offset === null ? undefined : String(first + offset)
}
