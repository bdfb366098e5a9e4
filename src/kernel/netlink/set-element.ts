import { addressBytes, parseAddress } from '../../model/address.ts'
import type { Libc } from './libc.ts'
import { attribute, messagesIn, request } from './message.ts'
import { ask, NETLINK_NETFILTER, openSocket } from './socket.ts'

/** A set of nftables. */
export interface SetName {
  family: string
  table: string
  name: string
}

/** NFPROTO_… of linux/netfilter.h. */
const FAMILIES: Record<string, number | undefined> = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 }
/** NFT_MSG_NEWSETELEM and NFT_MSG_GETSETELEM, in the subsystem NFNL_SUBSYS_NFTABLES. */
const [ELEMENT, GET_ELEMENT] = [(10 << 8) | 12, (10 << 8) | 13]
const ERROR = 2
const ENOENT = 2
const LIST = { table: 1, set: 2, elements: 3 }
/** The first attribute: an element of a list, the key of an element, the value of a key. */
const INNER = 1
const FLAGS = 3
/** NFT_SET_ELEM_CATCHALL: the element `*`, for what no other is for. In the network's byte order. */
const CATCH_ALL = Buffer.from([0, 0, 0, 2])
const NESTED = 0x8000

/**
 * Whether an address is in a set, be it in one of its intervals: the kernel looks it up, whereas `nft` reads all elements of
 * all sets for whatever it is asked. Null where that cannot be told: its keys are something else, or it has an element for
 * all others.
 *
 * @param path of the namespace's file; null: this process's own
 */
export function isInSet(libc: Libc, path: string | null, set: SetName, address: string): boolean | null {
  const parsed = parseAddress(address)
  const family = FAMILIES[set.family]
  if (parsed === null || family === undefined) return null
  try {
    const descriptor = openSocket(libc, path, NETLINK_NETFILTER)
    try {
      const has = (element: Buffer) => find(libc, descriptor, question(family, set, element))
      const others = has(attribute(FLAGS, CATCH_ALL))
      if (others !== false) return null
      return has(nested(INNER, attribute(INNER, addressBytes(parsed))))
    } finally {
      libc.close(descriptor)
    }
  } catch {
    return null
  }
}

function find(libc: Libc, descriptor: number, message: Buffer): boolean | null {
  const [answer] = messagesIn(ask(libc, descriptor, message))
  if (answer?.type === ELEMENT) return true
  return answer?.type === ERROR && answer.body.readInt32LE() === -ENOENT ? false : null
}

function question(family: number, { table, name }: SetName, element: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from([family, 0, 0, 0]),
    attribute(LIST.table, `${table}\0`),
    attribute(LIST.set, `${name}\0`),
    nested(LIST.elements, nested(INNER, element)),
  ])
  return request(GET_ELEMENT, 0, body)
}

function nested(type: number, content: Buffer): Buffer {
  return attribute(type | NESTED, content)
}
