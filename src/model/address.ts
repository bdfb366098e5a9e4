import ipaddr from 'ipaddr.js'

export type Family = 'ipv4' | 'ipv6'

export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** A network or an address with prefix, as numbers that can be compared and counted. */
export interface Cidr {
  family: Family
  /** The address as written, host bits included. */
  address: bigint
  prefix: number
}

/** Of a whole address. */
export const BITS = { ipv4: 32, ipv6: 128 } as const

/**
 * Parses a strict address: four decimal parts without leading zeros, or any RFC 4291 form without a zone.
 * Returns null for anything else, and for IPv4-mapped IPv6, which the kernel would treat as IPv4.
 */
export function parseAddress(text: string): Cidr | null {
  if (!text.includes(':')) {
    const address = parseIpv4(text)
    return address === null ? null : { family: 'ipv4', address: BigInt(address), prefix: 32 }
  }
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return null
  const parsed = ipaddr.IPv6.parse(text)
  if (parsed.isIPv4MappedAddress()) return null
  return { family: 'ipv6', address: fromParts(parsed.parts), prefix: 128 }
}

/** By hand: a thousand namespaces have some ten thousand, and the library makes an error of each that is none. */
function parseIpv4(text: string): number | null {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text)
  if (match === null) return null
  let address = 0
  for (let i = 1; i <= 4; i++) {
    const part = Number(match[i])
    if (part > 255) return null
    address = address * 256 + part
  }
  return address
}

/** Parses `address/prefix`; the prefix is decimal, without sign or leading zero. Null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = match?.[1] === undefined ? null : parseAddress(match[1])
  const prefix = Number(match?.[2])
  if (!address || prefix > BITS[address.family]) return null
  return { ...address, prefix }
}

/** A network, or an address as one; null for anything else. */
export function parseNetwork(text: string): Cidr | null {
  return text.includes('/') ? parseCidr(text) : parseAddress(text)
}

/** Like parseNetwork, for text that is known to be one: a topology past its checks, or what the kernel printed. */
export function cidr(text: string): Cidr {
  const parsed = parseNetwork(text)
  if (!parsed) throw new Error(`not an address: ${JSON.stringify(text)}`)
  return parsed
}

/** Canonical address without prefix; IPv6 as RFC 5952 says. */
export function formatAddress({ family, address }: Cidr): string {
  if (family === 'ipv6') return new ipaddr.IPv6(toBytes(address, 16)).toString()
  const number = Number(address)
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
}

/** As the kernel has it: 4 or 16 bytes, the highest first. */
export function addressBytes({ family, address }: Cidr): Uint8Array {
  return Uint8Array.from(toBytes(address, BITS[family] / 8))
}

export function formatCidr(value: Cidr): string {
  return `${formatAddress(value)}/${value.prefix}`
}

export function familyOf(text: string): Family {
  return text.includes(':') ? 'ipv6' : 'ipv4'
}

export function familiesOf(texts: readonly string[]): Family[] {
  return FAMILIES.filter(family => texts.some(text => familyOf(text) === family))
}

export const FAMILY_NAMES: Record<Family, string> = { ipv4: 'IPv4', ipv6: 'IPv6' }

/** As it stands in front of a port. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** The address in front of the slash. */
export function addressOf(text: string): string {
  return text.split('/', 1)[0] ?? text
}

/** The network an address with prefix lies in: host bits cut. */
export function networkOf(value: Cidr): Cidr {
  return { ...value, address: firstOf(value) }
}

export function isNetwork(value: Cidr): boolean {
  return value.address === firstOf(value)
}

export function contains(network: Cidr, other: Cidr): boolean {
  return (
    network.family === other.family &&
    network.prefix <= other.prefix &&
    firstOf(network) === firstOf({ ...other, prefix: network.prefix })
  )
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, b) || contains(b, a)
}

/**
 * The addresses a host may have in a network, lowest first, without prefix. /31 and /127 have both (RFC 3021,
 * RFC 6164); else the network's own address, and in IPv4 the broadcast address, are left out.
 */
export function* usableAddresses(network: Cidr): Generator<string> {
  const [first, last] = usableRange(network)
  for (let address = first; address <= last; address++) yield formatAddress({ ...network, address })
}

export function isUsable(network: Cidr, address: Cidr): boolean {
  const [first, last] = usableRange(network)
  return address.family === network.family && address.address >= first && address.address <= last
}

export function countUsable(network: Cidr): bigint {
  const [first, last] = usableRange(network)
  return last - first + 1n
}

/** fc00::/7, RFC 4193: not routed on the internet, so masqueraded by default like IPv4. */
export function isUniqueLocal(value: Cidr): boolean {
  return contains(UNIQUE_LOCAL, value)
}

export function isLoopback(value: Cidr): boolean {
  return contains(value.family === 'ipv4' ? LOOPBACK4 : LOOPBACK6, value)
}

export function isLinkLocal(value: Cidr): boolean {
  return contains(value.family === 'ipv4' ? LINK_LOCAL4 : LINK_LOCAL6, value)
}

export const DEFAULT_ROUTE: Record<Family, string> = { ipv4: '0.0.0.0/0', ipv6: '::/0' }

const UNIQUE_LOCAL = cidr('fc00::/7')
const LOOPBACK4 = cidr('127.0.0.0/8')
const LOOPBACK6 = cidr('::1/128')
const LINK_LOCAL4 = cidr('169.254.0.0/16')
const LINK_LOCAL6 = cidr('fe80::/10')

function usableRange(network: Cidr): [bigint, bigint] {
  const hostBits = BITS[network.family] - network.prefix
  const first = firstOf(network)
  const last = first + (1n << BigInt(hostBits)) - 1n
  if (hostBits <= 1) return [first, last]
  return [first + 1n, network.family === 'ipv4' ? last - 1n : last]
}

/** The first address of the network that an address with its prefix is of, as a number. */
export function firstOf({ family, address, prefix }: Cidr): bigint {
  const hostBits = BigInt(BITS[family] - prefix)
  return (address >> hostBits) << hostBits
}

/** Eight times 16 bits. */
function fromParts(parts: number[]): bigint {
  return parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n)
}

function toBytes(value: bigint, length: number): number[] {
  return Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn))
}
