import { attributesIn, type Message } from './message.ts'

const HEADER = 16
/** IFLA_… of linux/if_link.h. */
const [NAME, PER_FAMILY] = [3, 26]
const [AF_INET, AF_INET6] = [2, 10]

interface Values {
  family: number
  /** IFLA_INET_CONF or IFLA_INET6_CONF: an array of 32-bit numbers, as long as the kernel knows settings. */
  attribute: number
  directory: string
  /** Where in the array, from 0: IPV4_DEVCONF_… of linux/ip.h less 1, DEVCONF_… of linux/ipv6.h. */
  at: [key: string, index: number][]
}

/** Those that read-sysctls reads of every interface, in its order. */
const VALUES: Values[] = [
  {
    family: AF_INET,
    attribute: 1,
    directory: 'net/ipv4/conf',
    at: [
      ['forwarding', 0],
      ['route_localnet', 25],
      ['rp_filter', 7],
    ],
  },
  {
    family: AF_INET6,
    attribute: 2,
    directory: 'net/ipv6/conf',
    at: [
      ['forwarding', 0],
      ['accept_ra', 3],
      ['force_forwarding', 59],
      ['disable_ipv6', 26],
    ],
  },
]

/** Below /proc/sys these are no interfaces, whatever is called so. */
const TAKEN = ['all', 'default']

/**
 * The settings of each link, as a dump of links tells them: by key below /proc/sys, with the value as text. To read the
 * files of a thousand links takes as long as all the rest of the host.
 */
export function settingsOf(links: Message[]): Map<string, Record<string, string>> {
  return new Map(
    links.flatMap(({ body }) => {
      const found = attributesIn(body, HEADER)
      const name = found.get(NAME)?.toString('latin1').replace(/\0$/, '') ?? ''
      const nested = found.get(PER_FAMILY)
      return nested === undefined || TAKEN.includes(name) ? [] : [[name, settingsIn(nested, name)]]
    }),
  )
}

function settingsIn(nested: Buffer, name: string): Record<string, string> {
  const settings: Record<string, string> = {}
  const families = attributesIn(nested, 0)
  for (const { family, attribute, directory, at } of VALUES) {
    const own = families.get(family)
    const values = own && attributesIn(own, 0).get(attribute)
    if (values === undefined) continue
    for (const [key, index] of at) {
      if (4 * index < values.length)
        settings[`${directory}/${name}/${key}`] = String(values.readInt32LE(4 * index))
    }
  }
  return settings
}
