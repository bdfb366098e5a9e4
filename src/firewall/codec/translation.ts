import type { PortRange } from '../../model/topology.ts'
import { parseEndpoint } from './endpoint.ts'
import { optionValue, type Rule } from './rule.ts'
import { type Selector, selectorOf } from './selector.ts'

/** A published port as its rule says it: what `publishing.ts` writes, read back. */
export interface Translation {
  selector: Selector
  protocol: string
  /** Bare address, or null for every local one. */
  listen: string | null
  ports: PortRange
  /** Where the first of the ports leads; the others follow in order. */
  to: { address: string; port: number }
}

/** Null for what is no DNAT of one range of ports to one address. */
export function translationOf(rule: Rule): Translation | null {
  if (rule.target?.name !== 'DNAT') return null
  const selector = selectorOf(rule)
  const protocol = selector.protocol?.is
  const [ports, ...more] = selector.ports?.is ?? []
  const { address, ports: to } = parseEndpoint(optionValue(rule.target, '--to-destination') ?? '')
  if (protocol === undefined || ports === undefined || more.length > 0) return null
  if (address === null || to === null) return null
  const listen = selector.destination?.is
  return {
    selector,
    protocol,
    listen: listen === undefined ? null : bareAddress(listen),
    ports,
    to: { address, port: to.first },
  }
}

/** An address without the prefix that iptables-save always prints; a network as it is. */
export function bareAddress(text: string): string {
  return text.replace(/\/(32|128)$/, '')
}
