import {
  addressOf,
  BITS,
  type Cidr,
  contains,
  familyOf,
  formatAddress,
  formatCidr,
  isUsable,
  networkOf,
  parseAddress,
  parseCidr,
} from '../../model/address.ts'
import { groupBy } from '../../model/text/lookup.ts'
import type { End, Veth } from '../../model/topology.ts'
import { type Draft, listed } from '../parse/draft.ts'
import { whyNoAddress, whyNoCidr } from '../parse/patterns.ts'
import { parseRate } from '../parse/rate.ts'
import type { Path } from '../parse/tree.ts'
import { checkMacs, checkMtu, checkRoom } from './end-checks.ts'
import { HOST, type Pair, type PairEnd } from './ends.ts'
import { checkOverlaps, type Territory } from './overlaps.ts'
import { whySpecial } from './special-networks.ts'
import { type Segment, whyUnusable } from './subnets.ts'

/** Gives every end its explicit addresses, and says for which families one is still to be drawn. */
export function addressEnds(draft: Draft, pairs: Pair[], segments: Map<string, Segment>): Veth[] {
  const used = gatewaysOf(segments)
  const territories: Territory[] = [...segments.values()].flatMap(({ subnet, networks, path }) =>
    networks.map(network => ({ network, what: `subnet ${subnet.name}`, path })),
  )
  const veths = pairs.map(pair => {
    const segment = pair.subnet === null ? null : (segments.get(pair.subnet) ?? null)
    const ends = pair.ends.map(end => {
      const explicit = readAddresses(end, pair, segment, draft)
      for (const { address, path } of explicit) {
        checkUnused(address, path, end, used, draft)
        // The host would have two interfaces in one network, and send through only one of them.
        const own = pair.subnet === null && end.namespace === HOST
        if (own) territories.push({ network: networkOf(address), what: 'a host end', path })
      }
      return makeEnd(
        end,
        pair,
        segment,
        explicit.map(({ address }) => address),
        draft,
      )
    })
    checkMtu(pair, ends, draft)
    checkMacs(pair, draft)
    return {
      subnet: pair.subnet,
      ends: ends as Veth['ends'],
      adopt: pair.adopt,
      source: draft.report.sourceOf(pair.path),
    }
  })
  checkOverlaps(territories, draft.report)
  const members = groupBy(veths, veth => veth.subnet)
  for (const segment of segments.values()) checkRoom(segment, members.get(segment.subnet.name) ?? [], draft)
  return veths
}

interface Located {
  address: Cidr
  path: Path
}

interface Use {
  what: string
  where: Path
  gateway: boolean
}

function gatewaysOf(segments: Map<string, Segment>): Map<string, Use> {
  const used = new Map<string, Use>()
  for (const { subnet, path } of segments.values()) {
    for (const gateway of subnet.gateways) {
      used.set(gateway, { what: `the gateway of ${subnet.name}`, where: path, gateway: true })
    }
  }
  return used
}

function makeEnd(end: PairEnd, pair: Pair, segment: Segment | null, explicit: Cidr[], draft: Draft): End {
  const { namespace, settings } = end
  const atHost = namespace === HOST && segment !== null
  const automatic = segment?.networks.filter(
    ({ family }) => !explicit.some(address => address.family === family),
  )
  const gateways = atHost && segment.subnet.bridge === null ? gatewayAddresses(segment) : []
  return {
    namespace,
    interface: end.interface,
    derivedInterface: end.derivedInterface,
    addresses: atHost ? gateways : explicit.map(formatCidr),
    automatic: atHost ? [] : (automatic ?? []).map(({ family }) => family),
    mac: settings.mac?.toLowerCase() ?? null,
    mtu: pair.mtu ?? segment?.subnet.mtu ?? null,
    defaultRoute: [],
    rate: parseRate(settings.rate, [...end.path, 'rate'], draft),
    source: draft.report.sourceOf(end.path),
  }
}

function gatewayAddresses({ subnet, networks }: Segment): string[] {
  return subnet.gateways.map(gateway => {
    const address = parseAddress(gateway)
    const network = networks.find(({ family }) => family === address?.family)
    return `${gateway}/${network?.prefix}`
  })
}

function readAddresses(end: PairEnd, pair: Pair, segment: Segment | null, draft: Draft): Located[] {
  const found: Located[] = []
  const many = Array.isArray(end.settings.address)
  listed(end.settings.address).forEach((text, index) => {
    const path = many ? [...end.path, 'address', index] : [...end.path, 'address']
    const address = pair.subnet === null ? readWithPrefix(text, path, draft) : readBare(text, path, draft)
    if (!address) return
    if (pair.subnet === null) {
      if (checkFree(address, path, draft)) found.push({ address, path })
    } else if (segment) {
      const placed = placeInSegment(address, path, end, segment, draft)
      if (placed) found.push({ address: placed, path })
    }
  })
  return found
}

function readBare(text: string, path: Path, { report }: Draft): Cidr | null {
  const address = parseAddress(text)
  if (address) return address
  if (parseCidr(text)) {
    report.error('prefix-on-subnet', path, `the subnet gives the prefix length; write ${addressOf(text)}`)
  } else report.error('invalid-address', path, ...whyNoAddress(text))
  return null
}

function readWithPrefix(text: string, path: Path, { report }: Draft): Cidr | null {
  const address = parseCidr(text)
  if (address) return address
  if (parseAddress(text)) {
    report.error(
      'prefix-missing',
      path,
      'without a subnet an address has a prefix length',
      `for example: ${text}/24`,
    )
  } else report.error('invalid-address', path, ...whyNoCidr(text))
  return null
}

/** Rules for an address on a pair without a subnet. */
function checkFree(address: Cidr, path: Path, { report }: Draft): boolean {
  const special = whySpecial({ ...address, prefix: BITS[address.family] })
  if (special) report.error('unusable-address', path, special)
  else if (!isUsable(address, address))
    report.error('unusable-address', path, ...whyUnusable(address, address))
  else return true
  return false
}

function placeInSegment(
  address: Cidr,
  path: Path,
  end: PairEnd,
  segment: Segment,
  draft: Draft,
): Cidr | null {
  const { report } = draft
  const { subnet, networks } = segment
  const network = networks.find(({ family }) => family === address.family)
  const text = formatAddress(address)
  if (!network || !contains(network, address)) {
    // Without networks those were wrong, and said so.
    if (networks.length > 0)
      report.error('address-outside-subnet', path, `${subnet.name} is ${subnet.networks.join(', ')}`)
  } else if (end.namespace === HOST && subnet.bridge !== null) {
    report.error(
      'address-on-bridge-port',
      path,
      `the bridge ${subnet.bridge} carries the host's address, not its ports`,
      'remove address',
    )
  } else if (end.namespace === HOST && !subnet.gateways.includes(text)) {
    report.error(
      'host-address-not-gateway',
      path,
      `the host's address in ${subnet.name} is its gateway, ${listedGateway(segment, address)}`,
      `remove address, or give ${subnet.name} the gateway ${text}`,
    )
  } else if (!isUsable(network, address))
    report.error('unusable-address', path, ...whyUnusable(network, address))
  else return { ...address, prefix: network.prefix }
  return null
}

function listedGateway({ subnet }: Segment, { family }: Cidr): string {
  return subnet.gateways.find(gateway => familyOf(gateway) === family) ?? 'none'
}

function checkUnused(
  address: Cidr,
  path: Path,
  end: PairEnd,
  used: Map<string, Use>,
  { report }: Draft,
): void {
  const text = formatAddress(address)
  const use = used.get(text)
  if (!use) {
    used.set(text, { what: `an end in ${end.namespace}`, where: path, gateway: false })
  } else if (!use.gateway) {
    report.error(
      'address-used-twice',
      path,
      `${text} is already the address of ${use.what} (${report.lineOf(use.where)})`,
    )
  } else if (end.namespace !== HOST) {
    report.error(
      'gateway-address',
      path,
      `${text} is ${use.what}, so the host has it (${report.lineOf(use.where)})`,
    )
  }
}
