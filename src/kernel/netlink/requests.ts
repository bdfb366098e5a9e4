import { addressBytes, parseAddress, parseCidr } from '../../model/address.ts'
import type { IpCommand, PutAddress, RouteCommand, SetLink } from '../../model/command/ip.ts'
import { attribute, FLAG, NEW } from './message.ts'
import { FAMILY } from './routes.ts'

/** One change, as the kernel reads it. */
export interface Request {
  type: number
  flags: number
  /** Asks for the index of a link by its name. */
  body(indexOf: (link: string) => number): Buffer
}

/** The request that `ip` would make of a command. null for what does not configure a namespace: that is for `ip`. */
export function requestOf(command: IpCommand): Request | null {
  switch (command.op) {
    case 'link-set':
      return setLink(command)
    case 'address-replace':
      return replaceAddress(command)
    case 'route-replace':
      return replaceRoute(command)
    default:
      return null
  }
}

const PUT = FLAG.create | FLAG.replace
const IFF_UP = 1
/** IFLA_… of linux/if_link.h. */
const LINK = { address: 1, mtu: 4, alias: 20, group: 27 }

function setLink({ dev, mac, group, alias, mtu, state, ...others }: SetLink): Request | null {
  // So that what comes to be set one day goes to `ip`, and is not lost.
  const { tool: _, namespace: __, op: ___, ...unknown } = others
  if (state === 'down' || Object.keys(unknown).length > 0) return null
  if (mac !== undefined && !/^[\da-f]{2}(:[\da-f]{2}){5}$/.test(mac)) return null
  const flags = state === 'up' ? IFF_UP : 0
  return {
    type: NEW.link,
    flags: 0,
    body: indexOf => {
      const header = Buffer.alloc(16)
      header.writeInt32LE(indexOf(dev), 4)
      header.writeUInt32LE(flags, 8)
      header.writeUInt32LE(flags, 12)
      return Buffer.concat([
        header,
        ...(mac === undefined ? [] : [attribute(LINK.address, Buffer.from(mac.replaceAll(':', ''), 'hex'))]),
        ...(group === undefined ? [] : [attribute(LINK.group, group)]),
        ...(alias === undefined ? [] : [attribute(LINK.alias, alias)]),
        ...(mtu === undefined ? [] : [attribute(LINK.mtu, mtu)]),
      ])
    },
  }
}

const ADDRESS = { address: 1, local: 2 }
const IFA_F_NODAD = 2

function replaceAddress({ address, dev, scope, nodad, noprefixroute }: PutAddress): Request | null {
  const parsed = parseCidr(address)
  // One of the host itself has a scope of its own.
  if (parsed === null || scope !== undefined || noprefixroute || address.startsWith('127.')) return null
  const bytes = addressBytes(parsed)
  return {
    type: NEW.address,
    flags: PUT,
    body: indexOf => {
      const flags = nodad ? IFA_F_NODAD : 0
      const header = Buffer.from([FAMILY[parsed.family], parsed.prefix, flags, 0, 0, 0, 0, 0])
      header.writeUInt32LE(indexOf(dev), 4)
      return Buffer.concat([header, attribute(ADDRESS.local, bytes), attribute(ADDRESS.address, bytes)])
    },
  }
}

const ROUTE = { destination: 1, link: 4, gateway: 5, priority: 6, table: 15 }
const [UNICAST, EVERYWHERE, ON_LINK] = [1, 0, 253]

function replaceRoute(command: RouteCommand): Request | null {
  const { to: text, type, via: gateway, dev, onlink, table, metric, protocol, source } = command
  const to = parseCidr(text)
  const via = gateway === null ? null : parseAddress(gateway)
  if (to === null || type !== 'unicast' || onlink || source !== undefined) return null
  if (dev === null || table > 255 || (gateway !== null && via?.family !== to.family)) return null
  const scope = via === null ? ON_LINK : EVERYWHERE
  return {
    type: NEW.route,
    flags: PUT,
    body: indexOf =>
      Buffer.concat([
        Buffer.from([FAMILY[to.family], to.prefix, 0, 0, table, protocol, scope, UNICAST, 0, 0, 0, 0]),
        attribute(ROUTE.destination, addressBytes(to)),
        ...(via === null ? [] : [attribute(ROUTE.gateway, addressBytes(via))]),
        attribute(ROUTE.link, indexOf(dev)),
        ...(metric === 0 ? [] : [attribute(ROUTE.priority, metric)]),
      ]),
  }
}
