import { type Cidr, FAMILIES, type Family, isLoopback, parseAddress } from '../../model/address.ts'
import type { PortRange } from '../../model/topology.ts'
import { whySpecial } from '../check/special-networks.ts'
import type { Draft } from './draft.ts'
import { whyNoAddress } from './patterns.ts'
import { parsePorts } from './ports.ts'
import type { Spot } from './report.ts'
import type { Path } from './tree.ts'

export interface Listen {
  /** null: every local address. */
  address: Cidr | null
  ports: PortRange
  families: Family[]
}

/** Reads `6000`, `192.0.2.1:6000-6010`, `[2001:db8::1]:6000`… */
export function readListen(written: string | number, path: Path, draft: Draft): Listen | null {
  const text = String(written)
  const [, bracketed, bare, portText = text] = /^(?:\[(.*)\]|([0-9.]+)):([\d-]+)$/.exec(text) ?? []
  const ports = parsePorts(portText, { path, part: [text.length - portText.length, text.length] }, draft)
  const host = bracketed ?? bare
  if (host === undefined) return ports && { address: null, ports, families: [...FAMILIES] }
  const start = bracketed === undefined ? 0 : 1
  const address = readListenAddress(host, { path, part: [start, start + host.length] }, draft)
  if (!address || !ports) return null
  const every = address.address === 0n
  return { address: every ? null : address, ports, families: [address.family] }
}

function readListenAddress(host: string, at: Spot, { report }: Draft): Cidr | null {
  const address = parseAddress(host)
  if (!address) {
    report.error('invalid-address', at, ...whyNoAddress(host))
    return null
  }
  if (address.family === 'ipv6' && isLoopback(address)) {
    report.error(
      'listen-on-ipv6-loopback',
      at,
      'the kernel cannot redirect ::1: IPv6 has no route_localnet',
      'use 127.0.0.1, or an address of the host',
    )
    return null
  }
  const special = address.address === 0n || isLoopback(address) ? null : whySpecial(address)
  if (!special) return address
  report.error('unusable-address', at, special)
  return null
}
