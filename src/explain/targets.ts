import { BITS, cidr, formatAddress } from '../model/address.ts'
import type { Packet, Port, Tuple } from './packet.ts'
import { wordAfter } from './rule-text.ts'

/** What a target does to a packet that stays on its way. */
export interface Effect {
  mark?: number
  connectionMark?: number
  untracked?: true
}

/** Targets that let the packet go on to the next rule and change nothing that matters to where it goes. */
const PASSING = new Set([
  ...['LOG', 'NFLOG', 'ULOG', 'TRACE', 'AUDIT', 'TCPMSS', 'TCPOPTSTRIP', 'DSCP', 'TOS', 'TTL', 'HL', 'ECN'],
  ...['CLASSIFY', 'CHECKSUM', 'SET', 'SECMARK', 'CONNSECMARK', 'IDLETIMER', 'RATEEST', 'LED', 'HMARK', 'TEE'],
])

export function isPassing(target: string): boolean {
  return PASSING.has(target)
}

/** Of MARK, CONNMARK, CT and NOTRACK; null for what is none of them, or an option that is not known. */
export function effectOf(name: string, words: string[], mark: number, connectionMark: number): Effect | null {
  if (name === 'NOTRACK') return { untracked: true }
  if (name === 'CT') return words.includes('--notrack') ? { untracked: true } : {}
  if (name !== 'MARK' && name !== 'CONNMARK') return null
  const bits = (option: string) => Number(wordAfter(words, option) ?? 0xffffffff) >>> 0
  if (words.includes('--restore-mark')) {
    const kept = (mark & ~bits('--nfmask')) >>> 0
    return { mark: (kept ^ (connectionMark & bits('--ctmask'))) >>> 0 }
  }
  if (words.includes('--save-mark')) {
    const kept = (connectionMark & ~bits('--ctmask')) >>> 0
    return { connectionMark: (kept ^ (mark & bits('--nfmask'))) >>> 0 }
  }
  const before = name === 'MARK' ? mark : connectionMark
  const after = marked(words, before)
  if (after === null) return null
  return name === 'MARK' ? { mark: after } : { connectionMark: after }
}

/** `--set-xmark 0x1/0xff`, which clears the mask's bits and then flips the value's; `--set-mark` sets them. */
function marked(words: string[], before: number): number | null {
  const text = wordAfter(words, '--set-xmark') ?? wordAfter(words, '--set-mark')
  if (text === null) return null
  const [value, mask = '0xffffffff'] = text.split('/')
  const kept = (before & ~Number(mask)) >>> 0
  const exclusive = words.includes('--set-xmark')
  return (exclusive ? kept ^ Number(value) : kept | Number(value)) >>> 0
}

export interface Translation {
  address: string | null
  port: Port
}

/** `A`, `A:80`, `A:8000-8010/6000`, `[v6]:80`, `:80`; null for a choice between several. */
export function translationOf(text: string, { family }: Packet, was: Port): Translation | null {
  const pattern = family === 'ipv4' ? /^([^:]*)(?::(.+))?$/ : /^\[([^\]]*)\](?::(.+))?$/
  const [, address = text, ports] = pattern.exec(text) ?? []
  const port = portOf(ports, was)
  if (port === undefined || address.includes('-')) return null
  return { address: address === '' ? null : address, port }
}

/** Undefined where the kernel chooses one of several. */
export function portOf(text: string | undefined, was: Port): Port | undefined {
  if (text === undefined) return was
  const [, first = '', last = first, base] = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(text) ?? []
  if (first === last) return Number(first)
  if (typeof was !== 'number') return undefined
  const many = Number(last) - Number(first) + 1
  if (base !== undefined) return Number(first) + ((was - Number(base)) % many)
  // A port that lies in the range is kept.
  return was >= Number(first) && was <= Number(last) ? was : undefined
}

/** NETMAP: the network part of an address is exchanged, the host part kept. */
export function mapped(network: string, address: string): string {
  const to = cidr(network)
  const own = cidr(address)
  const bits = BigInt(BITS[own.family] - to.prefix)
  const host = own.address & ((1n << bits) - 1n)
  return formatAddress({ ...own, address: ((to.address >> bits) << bits) | host })
}

export function withDestination(tuple: Tuple, { address, port }: Translation): Tuple {
  return {
    ...tuple,
    destination: address ?? tuple.destination,
    destinationPort: tuple.destinationPort === null ? null : port,
  }
}

export function withSource(tuple: Tuple, { address, port }: Translation): Tuple {
  return {
    ...tuple,
    source: address ?? tuple.source,
    sourcePort: tuple.sourcePort === null ? null : port,
  }
}
