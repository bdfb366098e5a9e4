import { parseRules } from '../../firewall/codec/rule.ts'
import { ownChain } from '../../firewall/roles.ts'
import { tablesOf } from '../../model/host/iptables.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { NftExpression } from '../../model/nft/expression.ts'
import type { NftStatement } from '../../model/nft/statement.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'

/** The bits of packet and connection marks that others ask for or set: in iptables, in native nftables, in ip rules. */
export function usedMarkBits({ firewall, host }: Snapshot): number {
  const inIptables = tablesOf(firewall)
    .flatMap(table => table.chains.filter(({ name }) => ownChain(name) === null))
    .flatMap(chain => parseRules(chain.rules))
    .flatMap(({ options, target }) => [...options, ...(target?.options ?? [])])
    .filter(({ name }) => MARK_OPTIONS.has(name))
    .map(({ values: [text = ''] }) => bitsOf(...(text.split('/') as [string, string?])))
  const inNft = (firewall.nft?.tables ?? [])
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .flatMap(({ statements }) => statements.map(bitsOfStatement))
  const inRules = host.rules
    .filter(({ protocol }) => protocol !== ROUTE_PROTOCOL)
    .map(({ selector }) => (selector.fwmark === undefined ? 0 : bitsOf(selector.fwmark, selector.fwmask)))
  return [...inIptables, ...inNft, ...inRules].reduce((all, bits) => (all | bits) >>> 0, 0)
}

/** Those of matches and targets that name a mark, or bits of one. */
const MARK_OPTIONS = new Set([
  ...['--mark', '--set-mark', '--set-xmark', '--or-mark', '--nfmask', '--ctmask', '--tproxy-mark'],
])

/** A mask of all bits says that the value counts, not that every bit is somebody's. */
function bitsOf(value: string | number = 0, mask: string | number = 0xffffffff): number {
  const bits = Number(Number(mask) === 0xffffffff ? value : mask)
  return bits === 0xffffffff ? 0 : bits
}

function bitsOfStatement(statement: NftStatement): number {
  if ('mark' in statement) return bitsSet(statement.mark.value)
  if (!('match' in statement)) return 0
  const { left, right } = statement.match
  if (isMark(left)) return numbersIn(right)
  // `meta mark & 0xff == 0x1`: the mask says which bits are looked at.
  return operands(left, '&')?.some(isMark) ? numbersIn(left) : 0
}

/** `meta mark and 0xffff00ff or 0x100` leaves the bits of the mask alone. */
function bitsSet(value: NftExpression): number {
  const masked = operands(value, '&')
  if (masked?.some(isMark)) return ~numbersIn(value) >>> 0
  const parts = operands(value, '|') ?? operands(value, '^')
  return parts === null ? numbersIn(value) : parts.reduce<number>((all, one) => (all | bitsSet(one)) >>> 0, 0)
}

function operands(value: NftExpression, operator: '&' | '|' | '^'): NftExpression[] | null {
  return typeof value === 'object' && 'operation' in value && value.operation === operator ? value.of : null
}

function isMark(value: NftExpression): boolean {
  return (
    typeof value === 'object' &&
    (('meta' in value && value.meta === 'mark') || ('ct' in value && value.ct === 'mark'))
  )
}

/** All bits of the numbers in a value: one, several in a set, or those of an operation. */
function numbersIn(value: NftExpression): number {
  if (typeof value === 'number') return bitsOf(value >>> 0)
  if (typeof value !== 'object') return 0
  const parts = Array.isArray(value)
    ? value
    : 'set' in value
      ? value.set.map(({ key }) => key)
      : 'operation' in value
        ? value.of
        : 'map' in value && typeof value.map.data === 'object' && 'set' in value.map.data
          ? value.map.data.set.flatMap(({ value: mapped }) => mapped ?? [])
          : []
  return parts.reduce<number>((all, one) => (all | numbersIn(one)) >>> 0, 0)
}
