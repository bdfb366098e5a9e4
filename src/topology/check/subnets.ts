import {
  BITS,
  type Cidr,
  contains,
  type Family,
  formatAddress,
  formatCidr,
  isNetwork,
  isUniqueLocal,
  isUsable,
  networkOf,
  parseAddress,
  parseCidr,
  usableAddresses,
} from '../../model/address.ts'
import { groupBy } from '../../model/text/lookup.ts'
import type { Subnet } from '../../model/topology.ts'
import { type Draft, listed } from '../parse/draft.ts'
import type { Subnet as SubnetText } from '../parse/file.ts'
import { whyNoAddress, whyNoCidr } from '../parse/patterns.ts'
import type { Spot } from '../parse/report.ts'
import type { Path } from '../parse/tree.ts'
import { HOST, type Pair } from './ends.ts'
import { whySpecial } from './special-networks.ts'
import { chosenUplinks } from './uplinks.ts'

/** A subnet together with what the checks of its pairs need of it. */
export interface Segment {
  subnet: Subnet
  networks: Cidr[]
  path: Path
  pairs: Pair[]
}

export function readSubnets(draft: Draft, pairs: Pair[]): Map<string, Segment> {
  const segments = new Map<string, Segment>()
  const members = groupBy(pairs, pair => pair.subnet)
  for (const [name, text] of Object.entries(draft.file.subnets ?? {})) {
    const settings: SubnetText = typeof text === 'string' ? { cidr: text } : text
    const own = members.get(name) ?? []
    segments.set(name, readSubnet(name, settings, typeof text === 'string', own, draft))
  }
  return segments
}

function readSubnet(name: string, text: SubnetText, short: boolean, pairs: Pair[], draft: Draft): Segment {
  const path = ['subnets', name]
  checkName(name, path, draft)
  const networks = readNetworks(text, short ? path : [...path, 'cidr'], draft)
  checkMembers(name, text, pairs, path, draft)
  const subnet: Subnet = {
    name,
    networks: networks.map(formatCidr),
    gateways: readGateways(text, networks, pairs, path, draft),
    bridge: text.bridge ?? null,
    uplinks: chosenUplinks(text.uplinks, [...path, 'uplinks'], draft),
    masquerade: readMasquerade(text, networks, path, draft),
    hostAccess: text['host-access'] ?? true,
    mtu: text.mtu ?? null,
    source: draft.report.sourceOf({ path, key: true }),
  }
  const small = networks.some(({ family }) => family === 'ipv6') && subnet.mtu !== null && subnet.mtu < 1280
  if (small) draft.report.error('mtu-below-ipv6', [...path, 'mtu'], 'IPv6 needs at least 1280')
  return { subnet, networks, path, pairs }
}

function checkName(name: string, path: Path, { names, report }: Draft): void {
  if (!names.namespaces.has(name)) return
  const where = report.lineOf({ path: ['namespaces', name], key: true })
  report.error(
    'duplicate-name',
    { path, key: true },
    `a namespace is called ${name} too (${where})`,
    'subnets and namespaces share one space of names, because allow takes either',
  )
}

function readNetworks(text: SubnetText, path: Path, { report, incomplete }: Draft): Cidr[] {
  const networks: Cidr[] = []
  listed(text.cidr).forEach((written, index) => {
    const at = Array.isArray(text.cidr) ? [...path, index] : path
    const network = parseCidr(written)
    const special = network && whyNoSubnet(network)
    if (!network) report.error('invalid-cidr', at, ...whyNoCidr(written))
    else if (!isNetwork(network)) {
      const spot: Spot = { path: at, part: [0, written.indexOf('/')] }
      report.error('host-bits', spot, `the network is ${formatCidr(networkOf(network))}`)
    } else if (special) report.error('unusable-network', at, special)
    else if (networks.some(other => other.family === network.family)) {
      report.error('two-of-one-family', at, 'a subnet has one IPv4 and one IPv6 network at most')
    } else networks.push(network)
  })
  // What follows from a network that is missing is not the reader's fault.
  if (networks.length < listed(text.cidr).length) incomplete.add('subnets')
  return networks
}

function whyNoSubnet(network: Cidr): string | null {
  const whole = BITS[network.family]
  if (network.prefix === whole)
    return `/${whole} is a single address: a pair needs two, /${whole - 1} at least`
  return whySpecial(network)
}

function checkMembers(name: string, text: SubnetText, pairs: Pair[], path: Path, draft: Draft): void {
  const { report } = draft
  const [first, ...more] = pairs
  if (!first) {
    if (!draft.incomplete.has('veths') && !report.knows('unknown-subnet')) {
      report.warning(
        'unused-subnet',
        { path, key: true },
        `no veth pair names ${name}: nothing will be made of it`,
      )
    }
    return
  }
  if (text.bridge === undefined) {
    for (const pair of more) {
      report.error(
        'second-pair-on-subnet',
        [...pair.path, 'subnet'],
        `${name} already holds the pair on ${report.lineOf(first.path)}`,
        `to share it, give the subnet a bridge: ${name}: { cidr: ${listed(text.cidr)[0]}, bridge: br-${name.slice(0, 12)} }`,
        'or declare a subnet of its own for each pair',
      )
    }
    return
  }
  for (const pair of pairs) {
    if (pair.ends.some(end => end.namespace === HOST)) continue
    report.error(
      'no-host-end-on-bridge',
      [...pair.path, 'ends'],
      `${name} is a bridge on the host; every pair on it has one end there`,
    )
  }
}

function readGateways(text: SubnetText, networks: Cidr[], pairs: Pair[], path: Path, draft: Draft): string[] {
  const { report } = draft
  const at = [...path, 'gateway']
  if (text.gateway === 'none') {
    if (text.bridge === undefined) {
      report.error(
        'gateway-none-without-bridge',
        at,
        'a segment without the host needs a bridge to hold it together',
        'a pair between two namespaces has no gateway anyway: leave the key out',
      )
    }
    return []
  }
  const given = listed(text.gateway)
  const apart = text.bridge === undefined && pairs[0]?.ends.every(end => end.namespace !== HOST)
  if (apart) {
    if (given.length > 0) {
      report.error(
        'gateway-without-host',
        at,
        'its pair joins two namespaces, so the host has no address in it',
        'remove gateway; addresses of the namespaces go to the ends',
      )
    }
    return []
  }
  const chosen = new Map<Family, string>()
  given.forEach((written, index) => {
    const spot = Array.isArray(text.gateway) ? [...at, index] : at
    const gateway = checkGateway(written, spot, networks, draft)
    if (!gateway) return
    if (chosen.has(gateway.family)) report.error('two-of-one-family', spot, 'one gateway per family')
    else chosen.set(gateway.family, formatAddress(gateway))
  })
  return networks.map(network => chosen.get(network.family) ?? firstUsable(network))
}

function checkGateway(written: string, at: Path, networks: Cidr[], { report }: Draft): Cidr | null {
  const gateway = parseAddress(written)
  if (!gateway) {
    report.error('invalid-address', at, ...whyNoAddress(written))
    return null
  }
  const network = networks.find(({ family }) => family === gateway.family)
  if (!network || !contains(network, gateway)) {
    // Without networks those were wrong, and said so.
    if (networks.length > 0)
      report.error('address-outside-subnet', at, `the subnet is ${networks.map(formatCidr).join(', ')}`)
    return null
  }
  if (isUsable(network, gateway)) return gateway
  report.error('unusable-address', at, ...whyUnusable(network, gateway))
  return null
}

/** What a network's first or last address is, and what would be free. */
export function whyUnusable(network: Cidr, address: Cidr): string[] {
  const what = address.address === networkOf(network).address ? 'the network itself' : 'the broadcast address'
  return [
    `${formatAddress(address)} is ${what} in ${formatCidr(networkOf(network))}`,
    `the first usable is ${firstUsable(networkOf(network))}`,
  ]
}

function firstUsable(network: Cidr): string {
  return usableAddresses(network).next().value ?? formatAddress(network)
}

function readMasquerade(text: SubnetText, networks: Cidr[], path: Path, { report }: Draft): Family[] {
  const families = networks.map(({ family }) => family)
  if (text.masquerade === true) return families
  if (text.masquerade === false) return []
  if (text.masquerade === undefined) {
    return networks
      .filter(network => network.family === 'ipv4' || isUniqueLocal(network))
      .map(({ family }) => family)
  }
  const chosen = text.masquerade
  chosen.forEach((family, index) => {
    if (networks.length > 0 && !families.includes(family)) {
      report.error(
        'family-not-in-subnet',
        [...path, 'masquerade', index],
        `the subnet has only ${families.join(', ')}`,
      )
    }
  })
  return families.filter(family => chosen.includes(family))
}
