import { optionValue, type Target } from '../../firewall/codec/rule.ts'
import { endpoint } from '../packet.ts'
import { addressToward, rewrite, type Transit } from '../transit.ts'
import { mapped, type NatRewrite, portOf, translationOf, withDestination, withSource } from './targets.ts'

/** Gives the packet another source or destination, and returns what was done; null for a target that does not. */
export function translate(transit: Transit, target: Target): string | null {
  const end = endOf(target, transit)
  const to = translationBy(target, transit)
  if (to === null) return null
  const { tuple } = transit.packet
  rewrite(transit, end === 'source' ? withSource(tuple, to) : withDestination(tuple, to))
  const { tuple: after } = transit.packet
  return end === 'source'
    ? `source becomes ${endpoint(after.source, after.sourcePort)}`
    : `destination becomes ${endpoint(after.destination, after.destinationPort)}`
}

/** NETMAP translates the destination where packets come in, and the source where they leave. */
function endOf({ name }: Target, { output }: Transit): 'source' | 'destination' {
  if (name === 'NETMAP') return output === null ? 'destination' : 'source'
  return name === 'SNAT' || name === 'MASQUERADE' ? 'source' : 'destination'
}

/** Null for what does not translate, and where the kernel chooses between several. */
function translationBy(target: Target, transit: Transit): NatRewrite | null {
  const { packet, place, input, output, via } = transit
  const { tuple, family } = packet
  const { source, sourcePort, destination, destinationPort } = tuple
  switch (target.name) {
    case 'DNAT':
      return translationOf(optionValue(target, '--to-destination'), destinationPort)
    case 'SNAT':
      return translationOf(optionValue(target, '--to-source'), sourcePort)
    case 'MASQUERADE': {
      const address = addressToward(place, output ?? '', via ?? destination)
      return address === null ? null : { address, port: sourcePort }
    }
    case 'REDIRECT': {
      const port = portOf(optionValue(target, '--to-ports'), destinationPort)
      const address = input === null ? LOOPBACK[family] : addressToward(place, input, source)
      return port === undefined ? null : { address, port }
    }
    case 'NETMAP': {
      const network = optionValue(target, '--to')
      if (network === null) return null
      return output === null
        ? { address: mapped(network, destination), port: destinationPort }
        : { address: mapped(network, source), port: sourcePort }
    }
    default:
      return null
  }
}

export const LOOPBACK = { ipv4: '127.0.0.1', ipv6: '::1' }
