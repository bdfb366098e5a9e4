import { familyOf } from '../../model/address.ts'
import { reversed, type Tuple } from '../packet.ts'
import { isAnswer, type Transit } from '../transit.ts'
import { portValue, protocolOf } from './payload.ts'
import {
  ABSENT,
  CT_STATES,
  CT_STATUS,
  DIRECTIONS,
  FAMILY_NUMBERS,
  type NftValue,
  number,
  PROTOCOLS,
  UNKNOWN,
} from './value.ts'

/** Connection tracking hooks in at this priority: before it there is no connection yet, but to oneself. */
const TRACKING_PRIORITY = -200

/** Whether a packet meets a chain before it is tracked: there every packet is `invalid`. */
export function isBeforeTracking(
  { input }: Pick<Transit, 'input'>,
  { hook, priority }: { hook: string; priority: number },
): boolean {
  if (hook === 'ingress') return input !== 'lo'
  return (hook === 'prerouting' || hook === 'output') && priority <= TRACKING_PRIORITY && input !== 'lo'
}

/** What connection tracking knows of a packet's connection. */
export function connectionValue(
  { ct: key, direction }: { ct: string; direction?: 'original' | 'reply' },
  view: { transit: Transit; hook: string; priority: number },
): NftValue {
  const { transit } = view
  const before = isBeforeTracking(transit, view)
  const { connection, packet, tracking } = transit
  if (key === 'state') {
    const state = before && tracking !== 'UNTRACKED' ? 'invalid' : tracking.toLowerCase()
    return { is: 'flags', value: CT_STATES[state] ?? 0, unknown: 0, names: CT_STATES }
  }
  if (connection === null || before) return ABSENT
  const { original, translated, mark } = connection
  switch (key) {
    case 'status':
      return statusOf(transit)
    case 'mark':
      return number(mark)
    case 'direction':
      return number(isAnswer(transit) ? 1 : 0, DIRECTIONS)
    case 'protocol':
      return number(protocolOf(packet), PROTOCOLS)
    case 'l3proto':
      return number(packet.family === 'ipv4' ? 2 : 10, FAMILY_NUMBERS)
    default:
      return partOf(direction === 'reply' ? reversed(translated) : original, key)
  }
}

function partOf(tuple: Tuple, key: string): NftValue {
  const [, family, field] = /^(?:(ip6?) )?(\S+)$/.exec(key) ?? []
  const address = (value: string): NftValue =>
    family !== undefined && (family === 'ip') !== (familyOf(value) === 'ipv4')
      ? ABSENT
      : { is: 'address', value }
  switch (field) {
    case 'saddr':
      return address(tuple.source)
    case 'daddr':
      return address(tuple.destination)
    case 'proto-src':
      return portValue(tuple.sourcePort)
    case 'proto-dst':
      return portValue(tuple.destinationPort)
    default:
      return UNKNOWN
  }
}

function statusOf({ connection, tracking }: Transit): NftValue {
  const bits = (...names: string[]) => names.reduce((all, name) => all | (CT_STATUS[name] ?? 0), 0)
  const { original, translated } = connection ?? {}
  const isAnswered = tracking === 'ESTABLISHED'
  const hasOtherDestination =
    original?.destination !== translated?.destination ||
    original?.destinationPort !== translated?.destinationPort
  const value =
    (isAnswered ? bits('seen-reply', 'confirmed') : 0) |
    (hasOtherDestination ? bits('dnat') : 0) |
    (original?.source === translated?.source ? 0 : bits('snat'))
  // On the loopback a first packet comes by twice, and is confirmed in between.
  const unknown = isAnswered ? bits('assured') : bits('confirmed')
  return { is: 'flags', value, unknown, names: CT_STATUS }
}
