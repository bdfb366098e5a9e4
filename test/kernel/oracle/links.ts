/** What `ip -N -d -j addr` prints of a link, as far as it needs special care. */
export interface RawLink {
  ifname: string
  flags: string[]
  operstate: string
  mtu: number
  inet6_addr_gen_mode?: string
  addr_info: RawAddress[]
  linkinfo?: { info_data?: object; info_slave_data?: object }
}

interface RawAddress {
  family: string
  local?: string
  prefixlen: number
  scope: string
  tentative?: boolean
  dadfailed?: boolean
}

export interface LinkPicture {
  attributes: Record<string, string>
  addresses: string[]
}

/** Numbers given out anew each time, timers, and what only names a number. */
const VOLATILE = [
  'ifindex',
  'link_index',
  'link_netnsid',
  'addr_info',
  'hello_timer',
  'tcn_timer',
  'topology_change_timer',
  'gc_timer',
  'hold_timer',
  'message_age_timer',
  'forward_delay_timer',
  'valid_life_time',
  'preferred_life_time',
  'tentative',
]

export function readLinks(links: RawLink[]): Record<string, LinkPicture> {
  const byName = links.toSorted((a, b) => (a.ifname < b.ifname ? -1 : 1))
  return Object.fromEntries(
    byName.map(link => [
      link.ifname,
      { attributes: flatten(link), addresses: link.addr_info.map(address => oneLine(address)).sort() },
    ]),
  )
}

export function readRoutes(routes: object[]): string[] {
  return routes.map(route => oneLine(route, ['expires'])).sort()
}

/**
 * Whether a link is still changing by itself: an address in duplicate address detection, carrier news that has not
 * been worked off, or a link-local address that is yet to come. On a link without carrier nothing of it goes on.
 */
export function unsettled(link: RawLink, ipv6: boolean): boolean {
  if (!link.flags.includes('UP') || !link.flags.includes('LOWER_UP') || link.flags.includes('LOOPBACK')) {
    return false
  }
  if (link.addr_info.some(({ tentative, dadfailed }) => tentative && !dadfailed)) return true
  if (!['UP', 'UNKNOWN'].includes(link.operstate)) return true
  const ownAddress = link.addr_info.some(
    ({ family, scope }) => family === 'inet6' && /^(link|253)$/.test(scope),
  )
  return ipv6 && link.mtu >= 1280 && link.inet6_addr_gen_mode === 'eui64' && !ownAddress
}

/** Nested keys joined by dots, so that a difference names the very attribute. */
function flatten(value: object, prefix = ''): Record<string, string> {
  const entries = Object.entries(value)
    .filter(([key]) => !VOLATILE.includes(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.assign(
    {},
    ...entries.map(([key, inner]) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? flatten(inner, `${prefix}${key}.`)
        : { [prefix + key]: Array.isArray(inner) ? inner.join(' ') : String(inner) },
    ),
  )
}

function oneLine(value: object, volatile: string[] = []): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(value).filter(([key]) => !VOLATILE.includes(key) && !volatile.includes(key)),
    ),
  )
}
