import { contains, countUsable, familyOf, formatCidr, parseCidr } from '../../model/address.ts'
import type { End, Veth } from '../../model/topology.ts'
import type { Draft } from '../parse/draft.ts'
import { HOST, type Pair } from './ends.ts'
import type { Segment } from './subnets.ts'

export function checkMtu(pair: Pair, ends: End[], { report }: Draft): void {
  if (pair.mtu === null || pair.mtu >= 1280) return
  const ipv6 = ends.some(
    end => end.automatic.includes('ipv6') || end.addresses.some(text => text.includes(':')),
  )
  if (ipv6) report.error('mtu-below-ipv6', [...pair.path, 'mtu'], 'IPv6 needs at least 1280')
}

export function checkMacs({ ends }: Pair, { report }: Draft): void {
  const [first, second] = ends
  for (const { settings, path } of ends) {
    if (settings.mac === undefined) continue
    const multicast = (Number.parseInt(settings.mac.slice(0, 2), 16) & 1) === 1
    if (multicast)
      report.error('invalid-mac', [...path, 'mac'], 'the first byte is even: odd means multicast')
    if (/^[0:]+$/.test(settings.mac)) report.error('invalid-mac', [...path, 'mac'], 'all zeros is no address')
  }
  if (
    first.settings.mac === undefined ||
    first.settings.mac.toLowerCase() !== second.settings.mac?.toLowerCase()
  )
    return
  report.error('duplicate-mac', [...second.path, 'mac'], 'the two ends of a pair need different addresses')
}

/** Whether every end that draws an address can get one. */
export function checkRoom({ subnet, networks, path }: Segment, veths: Veth[], { report }: Draft): void {
  for (const network of networks) {
    const ends = veths.flatMap(veth => veth.ends)
    const taken = ends
      .flatMap(end => (end.namespace === HOST ? [] : end.addresses))
      .filter(text => contains(network, parseCidr(text) ?? network))
    const drawn = ends.filter(end => end.automatic.includes(network.family)).length
    const usable = countUsable(network)
    const gateways = subnet.gateways.filter(gateway => familyOf(gateway) === network.family)
    const free = usable - BigInt(gateways.length + taken.length)
    if (BigInt(drawn) > free) {
      report.error(
        'subnet-full',
        path,
        `${formatCidr(network)} has ${usable} addresses, ${free} free for ${drawn} ends`,
      )
    }
  }
}
