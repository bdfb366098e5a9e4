import { addressBytes, parseAddress, parseCidr } from '../../model/address.ts'
import { attribute, FLAG, NEW } from './message.ts'
import { FAMILY } from './routes.ts'

/** One change, as the kernel is told it. */
export interface Request {
  type: number
  flags: number
  /** Asks for the index of a link by its name. */
  body(indexOf: (link: string) => number): Buffer
}

/**
 * What `ip` would make of a line of a batch, as far as its words are known here: those that configure a namespace. null
 * for all others, which are for `ip`.
 */
export function requestOf([object, verb, ...words]: string[]): Request | null {
  if (object === 'link' && verb === 'set') return setLink(words)
  if (object === 'addr' && verb === 'replace') return replaceAddress(words)
  if (object === 'route' && verb === 'replace') return replaceRoute(words)
  return null
}

const PUT = FLAG.create | FLAG.replace
const IFF_UP = 1
/** IFLA_… of linux/if_link.h. */
const LINK = { address: 1, mtu: 4, alias: 20, group: 27 }

function setLink(words: string[]): Request | null {
  const [dev, name = '', ...settings] = words
  const state = settings.at(-1) === 'up' ? IFF_UP : 0
  const given = pairsOf(state ? settings.slice(0, -1) : settings, ['address', 'group', 'alias', 'mtu'])
  if (dev !== 'dev' || given === null) return null
  const { address, group, alias, mtu } = given
  if (address !== undefined && !/^[\da-f]{2}(:[\da-f]{2}){5}$/.test(address)) return null
  return {
    type: NEW.link,
    flags: 0,
    body: indexOf => {
      const header = Buffer.alloc(16)
      header.writeInt32LE(indexOf(name), 4)
      header.writeUInt32LE(state, 8)
      header.writeUInt32LE(state, 12)
      return Buffer.concat([
        header,
        ...(address === undefined
          ? []
          : [attribute(LINK.address, Buffer.from(address.replaceAll(':', ''), 'hex'))]),
        ...(group === undefined ? [] : [attribute(LINK.group, Number(group))]),
        ...(alias === undefined ? [] : [attribute(LINK.alias, alias)]),
        ...(mtu === undefined ? [] : [attribute(LINK.mtu, Number(mtu))]),
      ])
    },
  }
}

const ADDRESS = { address: 1, local: 2 }
const IFA_F_NODAD = 2

function replaceAddress([text = '', dev, name = '', ...options]: string[]): Request | null {
  const parsed = text.includes('/') ? parseCidr(text) : null
  const nodad = options.length === 1 && options[0] === 'nodad'
  // One of the host itself has a scope of its own.
  if (parsed === null || dev !== 'dev' || (options.length > 0 && !nodad) || text.startsWith('127.'))
    return null
  const bytes = addressBytes(parsed)
  return {
    type: NEW.address,
    flags: PUT,
    body: indexOf => {
      const header = Buffer.from([
        FAMILY[parsed.family],
        parsed.prefix,
        nodad ? IFA_F_NODAD : 0,
        0,
        0,
        0,
        0,
        0,
      ])
      header.writeUInt32LE(indexOf(name), 4)
      return Buffer.concat([header, attribute(ADDRESS.local, bytes), attribute(ADDRESS.address, bytes)])
    },
  }
}

const ROUTE = { destination: 1, link: 4, gateway: 5, priority: 6, table: 15 }
const [MAIN, UNICAST, EVERYWHERE, ON_LINK] = [254, 1, 0, 253]

function replaceRoute([text = '', ...words]: string[]): Request | null {
  const to = text.includes('/') ? parseCidr(text) : null
  const given = pairsOf(words, ['via', 'dev', 'table', 'metric', 'proto'])
  if (to === null || given === null) return null
  const via = given.via === undefined ? null : parseAddress(given.via)
  const { dev, proto = '', metric } = given
  const table = Number(given.table ?? MAIN)
  if (dev === undefined || (given.via !== undefined && via?.family !== to.family) || table > 255) return null
  const scope = via === null ? ON_LINK : EVERYWHERE
  return {
    type: NEW.route,
    flags: PUT,
    body: indexOf =>
      Buffer.concat([
        Buffer.from([FAMILY[to.family], to.prefix, 0, 0, table, Number(proto), scope, UNICAST, 0, 0, 0, 0]),
        attribute(ROUTE.destination, addressBytes(to)),
        ...(via === null ? [] : [attribute(ROUTE.gateway, addressBytes(via))]),
        attribute(ROUTE.link, indexOf(dev)),
        ...(metric === undefined ? [] : [attribute(ROUTE.priority, Number(metric))]),
      ]),
  }
}

/** Words as `name value` pairs; null where there is a name that is not among the known ones. */
function pairsOf<Name extends string>(words: string[], known: Name[]): { [Key in Name]?: string } | null {
  const pairs: { [Key in Name]?: string } = {}
  for (let i = 0; i < words.length; i += 2) {
    const name = known.find(one => one === words[i])
    if (name === undefined || words[i + 1] === undefined) return null
    pairs[name] = words[i + 1] as string
  }
  return pairs
}
