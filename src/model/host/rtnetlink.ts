import type { Family } from '../address.ts'
import type { PolicyRule } from './snapshot.ts'

export const MAIN_TABLE = 254
export const LOCAL_TABLE = 255
const DEFAULT_TABLE = 253

/** What the kernel gives a link that nobody chose an MTU for. */
export const KERNEL_MTU = 1500

/** RTPROT_KERNEL: a route that came with an address. */
export const FROM_KERNEL = 2
/** RTPROT_RA: a route from a router's advertisement. */
export const FROM_ROUTER_ADVERTISEMENT = 9

/** What the kernel fills in for a route that is added without a metric. */
export function defaultMetric(family: Family): number {
  return family === 'ipv6' ? 1024 : 0
}

/** The metric of the route that comes with an address. */
export function connectedMetric(family: Family): number {
  return family === 'ipv6' ? 256 : 0
}

/** Priority and table of the rules that a namespace is born with. */
const RULES_AT_BIRTH: Record<Family, [priority: number, table: number][]> = {
  ipv4: [
    [0, LOCAL_TABLE],
    [32766, MAIN_TABLE],
    [32767, DEFAULT_TABLE],
  ],
  ipv6: [
    [0, LOCAL_TABLE],
    [32766, MAIN_TABLE],
  ],
}

export function rulesAtBirth(family: Family): PolicyRule[] {
  return RULES_AT_BIRTH[family].map(([priority, table]) => ({
    ...{ family, priority, table, from: 'all', protocol: FROM_KERNEL },
    selector: {},
  }))
}
