import { bracketed } from '../../model/address.ts'
import { formatPorts } from '../../model/ports.ts'
import type { PortRange } from '../../model/topology.ts'

/** Where a translation leads: `--to-destination` of DNAT, `--to-source` of SNAT. */
export interface Endpoint {
  /** Null: it stays as it is. `A-B` for a choice between several. */
  address: string | null
  /** Null: it stays as it is. */
  ports: EndpointPorts | null
}

/** With a base, the range's first port is for that one, its second for the next…; without, any of them is taken. */
export interface EndpointPorts extends PortRange {
  base: number | null
}

/** `A`, `A:80`, `A:8000-8010/6000`, `[v6]:80`, `:80`. */
export function parseEndpoint(text: string): Endpoint {
  const [, inBrackets, plain = inBrackets, ports] = WITH_PORTS.exec(text) ?? []
  // IPv6 without a port has no brackets either.
  if (plain === undefined) return { address: text, ports: null }
  return {
    address: plain === '' ? null : plain,
    ports: ports === undefined ? null : parseEndpointPorts(ports),
  }
}

const WITH_PORTS = /^(?:\[([^\]]*)\]|([^:]*))(?::([\d-]+(?:\/\d+)?))?$/

/** `80`, `8000-8010`, `8000-8010/6000`: `--to-ports` as well; null for what is none. */
export function parseEndpointPorts(text: string): EndpointPorts | null {
  const [, first, last = first, base] = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(text) ?? []
  if (first === undefined) return null
  return { first: Number(first), last: Number(last), base: base === undefined ? null : Number(base) }
}

export function formatEndpoint({ address, ports }: Endpoint): string {
  if (ports === null) return address ?? ''
  const base = ports.base === null ? '' : `/${ports.base}`
  return `${address === null ? '' : bracketed(address)}:${formatPorts(ports)}${base}`
}
