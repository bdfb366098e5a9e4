import type { PortRange } from './topology.ts'

/** `80`, `8000-8010`; iptables separates by a colon. */
export function formatPorts({ first, last }: PortRange, separator = '-'): string {
  return first === last ? String(first) : `${first}${separator}${last}`
}
