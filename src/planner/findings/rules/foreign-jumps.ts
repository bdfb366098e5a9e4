import { jumpedTo } from '../../../firewall/chain.ts'
import { formatRule, parseRules } from '../../../firewall/codec/rule.ts'
import { tokens } from '../../../firewall/codec/tokens.ts'
import { chain } from '../../../kinds/firewall/chain.ts'
import { resourcesOf } from '../../../kinds/kind.ts'
import { FAMILIES, type Family } from '../../../model/address.ts'
import { iptablesOf } from '../../../model/host/iptables.ts'
import type { Firewall, NativeRule, Snapshot, Variant } from '../../../model/host/snapshot.ts'
import { deleteNative, nftTable, unknownRule } from '../../../model/host/unreadable.ts'
import { chainOwner } from '../../../model/ownership.ts'
import type { Finding } from '../../../model/plan/plan.ts'
import type { State } from '../../../model/plan/resource.ts'
import { error } from '../finding.ts'

interface Place {
  variant: Variant
  family: Family
  table: string
}

interface ForeignJump extends Place {
  /** The chain it stands in, and its number there, from 1. */
  chain: string
  number: number
  /** As it is printed. */
  text: string
  /** The chain of the topology. */
  to: string
  /** As a command takes it away. */
  remedy: string
}

/** Rules of others that lead to a chain which is to go: the kernel deletes none that is in use. */
export function foreignJumpFindings(
  topology: string,
  { observed, desired }: { observed: State; desired: State },
  { firewall }: Snapshot,
): Finding[] {
  const going = resourcesOf(chain, observed).filter(({ id, owned }) => owned && !desired.has(id))
  if (going.length === 0) return []
  const names = new Set(going.map(({ attributes }) => placeOf({ ...attributes, to: attributes.name })))
  return foreignJumps(topology, firewall)
    .filter(jump => names.has(placeOf(jump)))
    .map(({ family, variant, table, chain: from, number, text, to, remedy }) =>
      error(
        'foreign-jump',
        `${variant}/${nftTable({ family, table }).replace(' ', '/')}/${from}/${number}`,
        `rule ${number} of the chain ${from} leads to ${to}, which is to go, and is not nsctl's`,
        [`the rule: ${text}`, `a chain that rules lead to cannot be deleted; take it away first: ${remedy}`],
        null,
      ),
    )
}

function placeOf({ variant, family, table, to }: Place & { to: string }): string {
  return [variant, family, table, to].join(' ')
}

function foreignJumps(topology: string, firewall: Firewall): ForeignJump[] {
  return [firewall, firewall.other].flatMap(rules =>
    FAMILIES.flatMap(family =>
      rules[family].flatMap(({ name: table, chains }) => {
        const place = { variant: rules.variant, family, table }
        return chains
          .filter(({ name }) => chainOwner(name) !== topology)
          .flatMap(({ name, policy, rules: texts }) =>
            jumpsIn(topology, { ...place, chain: name, policy }, texts, firewall),
          )
      }),
    ),
  )
}

function jumpsIn(
  topology: string,
  { policy, ...place }: Place & { chain: string; policy: string | null },
  texts: string[],
  firewall: Firewall,
): ForeignJump[] {
  return parseRules(texts).flatMap((rule, i) => {
    const text = formatRule(rule)
    const to = targetIn(rule.target?.name ?? '', text)
    if (to === null || chainOwner(to) !== topology) return []
    if (policy !== null && jumpedTo(rule, topology) !== null) return []
    const known = nativeRule(text, place, firewall)
    if (known && isOwnByHandle(known.handle, place, firewall)) return []
    const remedy = known?.remedy ?? deletion(place, text)
    return [{ ...place, number: i + 1, text: known?.text ?? text, to, remedy }]
  })
}

/** Of a verdict map only its text tells. */
function targetIn(target: string, text: string): string | null {
  if (chainOwner(target) !== null) return target
  return /\b(?:jump|goto) (NSCTL-[a-z0-9-]+-[A-Z0-9]+)/.exec(text)?.[1] ?? null
}

function nativeRule(
  text: string,
  { family, table, chain: name }: Omit<ForeignJump, 'number' | 'text' | 'to' | 'remedy'>,
  firewall: Firewall,
) {
  const known = (firewall.unreadable ?? []).flatMap(({ culprits, jumps }) => [...culprits, ...jumps])
  const found = [...known, ...(firewall.native ?? [])].find(
    one => one.family === family && one.table === table && one.chain === name && isPrintedAs(one, text),
  )
  return found && { handle: found.handle, text: found.text, remedy: deleteNative(found) }
}

function isPrintedAs({ text }: NativeRule, printed: string): boolean {
  const unknown = unknownRule(text, null)
  return printed === unknown || printed.startsWith(`${unknown} -`)
}

/** In a table that iptables does not print, a jump is known by its handle. */
function isOwnByHandle(
  handle: number,
  { variant, family, table }: Place,
  { unreadable = [] }: Firewall,
): boolean {
  return unreadable.some(
    one =>
      one.variant === variant &&
      one.family === family &&
      one.table === table &&
      one.jumps.some(jump => jump.own && jump.handle === handle),
  )
}

/** As a shell takes it, word by word. */
function deletion({ variant, family, table, chain: name }: Place & { chain: string }, rule: string): string {
  const at = table === 'filter' ? [] : ['-t', table]
  const words = [...at, '-D', name, ...tokens(rule).map(({ value }) => value)]
  return [`${iptablesOf(family)}-${variant}`, ...words.map(shellWord)].join(' ')
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9._:/@%+=,!-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
