import type { IpLink } from '../read/network.ts'
import { printedAddress } from './addresses.ts'
import { attributesIn, eachAttribute, type Message } from './message.ts'
import { Unclear } from './socket.ts'

const HEADER = 16
const IFF_UP = 1

/** IFLA_… of linux/if_link.h. */
const A = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  qdisc: 6,
  master: 10,
  info: 18,
  alias: 20,
  group: 27,
  namespaceId: 37,
  properties: 52,
}
const ALTNAME = 53
const INFO = { kind: 1, slaveKind: 4, slaveData: 5 }
const HAIRPIN = 4

/** Ethernet, loopback, and none at all: others print their address in a way of their own. */
const PLAIN_TYPES = [1, 772, 65534]

/** What `ip -j -d -N addr show` prints, of dumps of links and addresses. */
export function printedLinks(links: Message[], addresses: Message[]): IpLink[] {
  const names = new Map<number, string>()
  const parts = links.map(({ body }) => {
    const found = attributesIn(body, HEADER)
    const index = body.readInt32LE(4)
    names.set(index, textOf(found.get(A.name)) ?? '')
    return { index, body, found }
  })
  const nameOf = (index: number) => {
    const name = names.get(index)
    if (name === undefined) throw new Unclear(`no link has the index ${index}`)
    return name
  }
  const byLink = new Map<number, Message[]>(parts.map(({ index }) => [index, []]))
  for (const message of addresses) byLink.get(message.body.readUInt32LE(4))?.push(message)
  return parts.map(({ index, body, found }) => ({
    ifindex: index,
    ifname: nameOf(index),
    ...optional('altnames', altnames(found.get(A.properties))),
    flags: body.readUInt32LE(8) & IFF_UP ? ['UP'] : [],
    mtu: found.get(A.mtu)?.readInt32LE() ?? 0,
    ...optional('qdisc', textOf(found.get(A.qdisc))),
    ...optional('group', textOfNumber(found.get(A.group))),
    ...optional('address', hardwareAddress(body.readUInt16LE(2), found.get(A.address))),
    ...optional('ifalias', textOf(found.get(A.alias))),
    ...optional('master', nameAt(found.get(A.master), nameOf)),
    ...otherEnd(found, nameOf),
    ...optional('linkinfo', linkInfo(found.get(A.info))),
    addr_info: (byLink.get(index) ?? []).map(printedAddressOf),
  }))
}

type Optional<Name extends keyof IpLink> = { [Key in Name]?: IpLink[Key] }

/** A key is there or not: `undefined` would be neither. */
function optional<Name extends keyof IpLink>(name: Name, value: IpLink[Name] | undefined): Optional<Name> {
  return value === undefined ? {} : ({ [name]: value } as Optional<Name>)
}

function otherEnd(found: Map<number, Buffer>, nameOf: (index: number) => string): Partial<IpLink> {
  const index = found.get(A.link)?.readInt32LE() ?? 0
  const id = found.get(A.namespaceId)?.readInt32LE()
  if (id !== undefined) return { link_netnsid: id, ...(index === 0 ? {} : { link_index: index }) }
  return index === 0 ? {} : { link: nameOf(index) }
}

function altnames(nested: Buffer | undefined): string[] | undefined {
  if (nested === undefined) return undefined
  return eachAttribute(nested, 0).flatMap(([type, value]) => (type === ALTNAME ? (textOf(value) ?? []) : []))
}

function linkInfo(nested: Buffer | undefined): IpLink['linkinfo'] {
  if (nested === undefined) return undefined
  const found = attributesIn(nested, 0)
  const kind = textOf(found.get(INFO.kind))
  const slave = found.get(INFO.slaveData)
  const isPort = textOf(found.get(INFO.slaveKind)) === 'bridge' && slave !== undefined
  const hairpin = isPort ? attributesIn(slave, 0).get(HAIRPIN)?.readUInt8() === 1 : undefined
  return {
    ...(kind === undefined ? {} : { info_kind: kind }),
    ...(hairpin === undefined ? {} : { info_slave_data: { hairpin } }),
  }
}

function hardwareAddress(type: number, bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined
  if (!PLAIN_TYPES.includes(type)) throw new Unclear(`a link of type ${type}`)
  return bytes.toString('hex').replace(/..(?!$)/g, '$&:')
}

const [IFA_ADDRESS, IFA_LOCAL, IFA_FLAGS] = [1, 2, 8]
const TENTATIVE = 0x40
/** Optimistic, and found to be somebody else's: printed with words of their own. */
const ODD = 0x04 | 0x08

function printedAddressOf({ body }: Message): NonNullable<IpLink['addr_info']>[number] {
  const found = attributesIn(body, 8)
  const flags = found.get(IFA_FLAGS)?.readUInt32LE() ?? body.readUInt8(2)
  const local = found.get(IFA_LOCAL) ?? found.get(IFA_ADDRESS)
  if (local === undefined || flags & ODD) throw new Unclear('an odd address')
  return {
    local: printedAddress(local),
    prefixlen: body.readUInt8(1),
    scope: String(body.readUInt8(3)),
    ...(flags & TENTATIVE ? { tentative: true } : {}),
  }
}

function nameAt(bytes: Buffer | undefined, nameOf: (index: number) => string): string | undefined {
  return bytes === undefined ? undefined : nameOf(bytes.readInt32LE())
}

/** What `ip` quotes in its own way is left to it. */
function textOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const text = bytes.toString('latin1').replace(/\0$/, '')
  if (!/^[\x20-\x7e]*$/.test(text) || /["'\\]/.test(text)) throw new Unclear('a text with special characters')
  return text
}

/** `%d` of an unsigned number, as `ip -N` has groups. */
function textOfNumber(bytes: Buffer | undefined): string | undefined {
  return bytes === undefined ? undefined : String(bytes.readInt32LE())
}
