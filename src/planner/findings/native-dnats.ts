import { addressOf, cidr, contains, type Family, parseNetwork } from '../../model/address.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { NftElement, NftExpression } from '../../model/nft/expression.ts'
import { makerOfTable } from '../../model/nft/owners.ts'
import type { NftChain, NftRule, NftTable } from '../../model/nft/ruleset.ts'
import type { NftStatement } from '../../model/nft/statement.ts'
import type { NftVerdict } from '../../model/nft/verdict.ts'
import type { PortRange } from '../../model/topology.ts'
import type { Dnat } from './foreign-dnats.ts'

/**
 * Rules of native nftables that take packets to ports of the host: LXD's proxies, NodePorts, ports that Docker and Podman
 * publish. They are only read for what they say of ports, protocols and destinations, as those of iptables are.
 */
export function nativeDnats({ host, firewall }: Snapshot): Dnat[] {
  const own = host.links.flatMap(({ addresses }) => addresses.map(({ address }) => cidr(addressOf(address))))
  const isHosts = (destination: string) => {
    const network = parseNetwork(destination)
    return network === null || own.some(address => contains(network, address))
  }
  return (firewall.nft?.tables ?? [])
    .filter(({ family, dormant }) => !dormant && ['ip', 'ip6', 'inet'].includes(family))
    .flatMap(table =>
      table.chains
        .filter(({ base }) => base?.type === 'nat' && base.hook === 'prerouting')
        .flatMap(chain => dnatsFrom(table, chain, ANY, [])),
    )
    .filter(({ destination }) => destination?.is === undefined || isHosts(destination.is))
}

/** What is known of a packet that has come as far as a rule. */
interface Known {
  protocols?: string[]
  ports?: PortRange[]
  destination?: { is: string } | { not: string }
}

const ANY: Known = {}

function dnatsFrom(table: NftTable, chain: NftChain, known: Known, seen: string[]): Dnat[] {
  if (seen.includes(chain.name)) return []
  const into = (verdict: NftVerdict | undefined, further: Known): Dnat[] => {
    const name = typeof verdict !== 'object' ? null : 'jump' in verdict ? verdict.jump : verdict.goto
    const next = table.chains.find(one => one.name === name)
    return next ? dnatsFrom(table, next, further, [...seen, chain.name]) : []
  }
  return chain.rules.flatMap(rule => {
    let further = known
    return rule.statements.flatMap((statement): Dnat[] => {
      if ('match' in statement) further = narrowed(further, statement, table)
      if ('verdict' in statement) return into(statement.verdict, further)
      if ('vmap' in statement) {
        const { key, data } = statement.vmap
        return elementsIn(data, table).flatMap(element =>
          into(element.verdict, keyed(further, key, element.key)),
        )
      }
      if (!('nat' in statement)) return []
      const { kind, address } = statement.nat
      if (kind !== 'dnat' && kind !== 'redirect') return []
      const map = address !== undefined && isMap(address) ? address.map : null
      const all = map
        ? elementsIn(map.data, table).map(element => keyed(further, map.key, element.key))
        : [further]
      return all.flatMap(one => dnatsOf(table, chain, rule, one))
    })
  })
}

function isMap(
  expression: NftExpression,
): expression is { map: { key: NftExpression; data: NftExpression } } {
  return typeof expression === 'object' && !Array.isArray(expression) && 'map' in expression
}

/** Those that have been read. */
function elementsIn(data: NftExpression, { sets }: NftTable): NftElement[] {
  if (typeof data !== 'object' || Array.isArray(data)) return []
  if ('set' in data) return data.set
  return 'reference' in data ? (sets.find(({ name }) => name === data.reference)?.elements ?? []) : []
}

/** A rule that names no port takes what has been sent to another by hand: no port is held by it. */
function dnatsOf({ family, name }: NftTable, chain: NftChain, rule: NftRule, known: Known): Dnat[] {
  const { protocols = ['tcp', 'udp'], ports, destination } = known
  if (ports === undefined) return []
  const families: Family[] =
    family === 'ip' ? ['ipv4'] : family === 'ip6' ? ['ipv6'] : familiesOf(destination, rule)
  const maker = makerOfTable(name)
  const place = `nft ${family} ${name} ${chain.name}`
  return families.flatMap(one =>
    protocols.flatMap(protocol =>
      ports.map(range => ({
        ...{ family: one, protocol, ports: range, destination },
        owner: maker === null ? place : `${maker} (${place})`,
        rule: `rule in ${place}: ${rule.text}`,
      })),
    ),
  )
}

function familiesOf(destination: Known['destination'], { statements }: NftRule): Family[] {
  const text = destination === undefined ? null : 'is' in destination ? destination.is : destination.not
  const network = text === null ? null : parseNetwork(text)
  if (network) return [network.family]
  const nat = statements.flatMap(statement => ('nat' in statement ? [statement.nat.family] : []))[0]
  return nat === undefined ? ['ipv4', 'ipv6'] : [nat === 'ip' ? 'ipv4' : 'ipv6']
}

function narrowed(
  known: Known,
  statement: Extract<NftStatement, { match: unknown }>,
  table: NftTable,
): Known {
  const { operator, left, right } = statement.match
  const elements = elementsIn(right, table)
  const values = elements.length > 0 ? elements.map(({ key }) => key) : isReference(right) ? [] : [right]
  if (values.length === 0) return known
  if (operator === '==')
    return values.length === 1 ? keyed(known, left, values[0] ?? '') : several(known, left, values)
  const field = fieldOf(left)
  if (operator !== '!=' || field !== 'daddr' || values.length !== 1) return known
  const text = addressText(values[0] ?? '')
  return text === null ? known : { ...known, destination: { not: text } }
}

function isReference(right: NftExpression): boolean {
  return typeof right === 'object' && !Array.isArray(right) && ('reference' in right || 'set' in right)
}

/** Of several values those of ports and protocols add up; of several addresses none is told. */
function several(known: Known, left: NftExpression, values: NftExpression[]): Known {
  const each = values.map(value => keyed(ANY, left, value))
  const ports = each.flatMap(one => one.ports ?? [])
  const protocols = [...new Set(each.flatMap(one => one.protocols ?? []))]
  return {
    ...known,
    ...(ports.length > 0 ? { ports } : {}),
    ...(protocols.length > 0 ? { protocols } : {}),
  }
}

function keyed(known: Known, left: NftExpression, right: NftExpression): Known {
  if (typeof left === 'object' && !Array.isArray(left) && 'concat' in left) {
    const parts = typeof right === 'object' && !Array.isArray(right) && 'concat' in right ? right.concat : []
    return left.concat.reduce<Known>((all, part, i) => {
      const value = parts[i]
      return value === undefined ? all : keyed(all, part, value)
    }, known)
  }
  switch (fieldOf(left)) {
    case 'dport': {
      const range = portsIn(right)
      const protocol = protocolOf(left)
      if (range === null) return known
      return { ...known, ports: [range], ...(protocol === 'th' ? {} : { protocols: [protocol] }) }
    }
    case 'protocol':
      return typeof right === 'string' ? { ...known, protocols: [right] } : known
    case 'daddr': {
      const text = addressText(right)
      return text === null ? known : { ...known, destination: { is: text } }
    }
    default:
      return known
  }
}

function fieldOf(left: NftExpression): 'dport' | 'protocol' | 'daddr' | null {
  if (typeof left !== 'object' || Array.isArray(left)) return null
  if ('meta' in left) return left.meta === 'l4proto' ? 'protocol' : null
  if (!('payload' in left)) return null
  const { field } = left.payload
  return field === 'dport' || field === 'daddr' || field === 'protocol' ? field : null
}

function protocolOf(left: NftExpression): string {
  return typeof left === 'object' && !Array.isArray(left) && 'payload' in left ? left.payload.protocol : 'th'
}

function portsIn(right: NftExpression): PortRange | null {
  if (typeof right === 'number') return { first: right, last: right }
  if (typeof right !== 'object' || Array.isArray(right) || !('range' in right)) return null
  const [first, last] = right.range
  return typeof first === 'number' && typeof last === 'number' ? { first, last } : null
}

function addressText(right: NftExpression): string | null {
  if (typeof right === 'string') return parseNetwork(right) === null ? null : right
  if (typeof right !== 'object' || Array.isArray(right) || !('prefix' in right)) return null
  return `${right.prefix.addr}/${right.prefix.len}`
}
