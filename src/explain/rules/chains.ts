import { formatRule, optionValue, parseRules, type Rule } from '../../firewall/codec/rule.ts'
import type { Ruleset } from '../../model/host/network-stack.ts'
import type { Chain, Table } from '../../model/host/snapshot.ts'
import { IPTABLES_PRIORITIES } from '../../model/nft/iptables-own.ts'
import type { NftMisprint } from '../../model/nft/ruleset.ts'
import { readMark } from '../../model/ownership.ts'
import { passRule } from '../nft/walk.ts'
import { diversionOf } from '../routing/diversion.ts'
import { askWayBack } from '../routing/routing.ts'
import { failed, sightOf, type Transit } from '../transit.ts'
import { type Hop, supposed, type WalkEnd, type Walking } from '../world.ts'
import { act, type Matched, NEXT, type Outcome, RETURNED } from './act.ts'
import { ruleMatches } from './matches.ts'
import { ownerOfRule, topologyOfRule } from './owner.ts'
import { isPassing } from './targets.ts'

/** Takes a packet through one built-in chain; null where it comes out at the other side. */
export function* traverse(
  transit: Transit,
  ruleset: Ruleset,
  table: string,
  hook: string,
): Walking<WalkEnd | null> {
  const found = ruleset[transit.packet.family].find(({ name }) => name === table)
  const chain = found?.chains.find(({ name }) => name === hook)
  if (!found || !chain) return null
  const visit: Visit = {
    ...{ transit, table: found, variant: ruleset.variant, depth: 0, hook: hook.toLowerCase() },
    priority: IPTABLES_PRIORITIES[table] ?? 0,
  }
  const outcome = yield* walkChain(visit, chain)
  if (outcome.kind === 'ended') return outcome.end
  if (outcome.kind === 'accepted' || chain.policy !== 'DROP') return null
  transit.course.steps.push({
    place: transit.place.name,
    where: `${table} ${hook}`,
    what: 'policy',
    rule: null,
    effect: 'DROP',
    owner: null,
    source: null,
  })
  return failed(transit, 'dropped', `policy DROP of ${table} ${hook} (iptables-${ruleset.variant})`)
}

interface Visit {
  transit: Transit
  table: Table
  variant: string
  depth: number
  hook: string
  priority: number
}

const DEEPEST = 64

function* walkChain(visit: Visit, chain: Chain): Walking<Outcome> {
  for (const [index, rule] of parseRules(chain.rules).entries()) {
    const native = misprintOf(visit, chain, rule)
    if (native) {
      const outcome = yield* passRule(visit.transit, native, visit, name => walkInto(visit, name))
      if (outcome.kind !== 'next') return outcome
      continue
    }
    const { target } = rule
    // What only logs and the like needs no judgement: whatever it matches, the packet goes on.
    if (target === null || isPassing(target.name)) continue
    if (!(yield* meets(visit, chain, index, rule))) continue
    const matched = { ...placed(visit, chain, index, rule), target }
    const inner = visit.table.chains.find(({ name, policy }) => name === target.name && policy === null)
    const outcome = inner ? yield* callChain(visit, matched, inner) : act(visit.transit, matched)
    if (outcome.kind !== 'next') return outcome
  }
  return RETURNED
}

/** Whether a rule's matches hold; what cannot be told is taken for what the walk supposes. */
function* meets(visit: Visit, chain: Chain, index: number, rule: Rule): Walking<boolean> {
  const { transit } = visit
  const asksWayBack = rule.options.some(({ module }) => module === 'rpfilter')
  const back = asksWayBack ? yield* askWayBack(transit) : null
  const { truth, unknown } = ruleMatches(rule, sightOf(transit, back))
  // A way back that rules lead elsewhere is no forged source.
  const diversion =
    truth && back?.kind === 'unicast' ? diversionOf(transit.place, back, wayBack(transit)) : null
  if (diversion !== null) transit.diversion = { ...diversion, isCause: true }
  if (truth !== null) return truth
  const { key, step } = placed(visit, chain, index, rule)
  const asked = unknown.map(({ text }) => text.trim()).join(' ')
  return supposed(transit.course, key, `${asked} in ${step.where} of ${step.place} (${whose(step)})`)
}

/** What a rule that iptables does not print as it is really says. */
function misprintOf({ transit, table, variant }: Visit, chain: Chain, rule: Rule): NftMisprint | null {
  if (variant !== 'nft') return null
  const printed = optionValue(rule, '--rule')
  if (printed === null) return null
  const family = transit.packet.family === 'ipv4' ? 'ip' : 'ip6'
  const found = transit.place.nft.misprints.find(
    one =>
      one.family === family &&
      one.table === table.name &&
      one.chain === chain.name &&
      isTextOf(printed, one.rule.text),
  )
  return found ?? null
}

/** What is printed may hold what a rule has counted, and a long one is cut short. */
function isTextOf(printed: string, text: string): boolean {
  const [plain, whole] = [printed.replace(/\bcounter packets \d+ bytes \d+/g, 'counter'), text.trim()]
  return plain === whole || (plain.endsWith('…') && whole.startsWith(plain.slice(0, -1)))
}

function walkInto(visit: Visit, name: string): Walking<Outcome> | null {
  const inner = visit.table.chains.find(one => one.name === name && one.policy === null)
  return inner ? walkChain({ ...visit, depth: visit.depth + 1 }, inner) : null
}

function wayBack({ packet: { tuple } }: Transit) {
  return { source: tuple.destination, destination: tuple.source }
}

function* callChain(visit: Visit, { step, target }: Matched, inner: Chain): Walking<Outcome> {
  if (visit.depth >= DEEPEST) return RETURNED
  const { steps } = visit.transit.course
  const before = steps.length
  steps.push({ ...step, effect: `-> ${inner.name}` })
  const outcome = yield* walkChain({ ...visit, depth: visit.depth + 1 }, inner)
  if (outcome.kind !== 'returned') return outcome
  // A chain that nothing in it matched is not worth a line.
  if (steps.length === before + 1) steps.pop()
  return target.goto ? RETURNED : NEXT
}

/** A rule with where it stands and whose it is. */
function placed(visit: Visit, chain: Chain, index: number, rule: Rule): Omit<Matched, 'target'> {
  const { transit, variant, table } = visit
  const { place, packet, course } = transit
  const owner = ownerOfRule(chain.name, rule)
  const topology = topologyOfRule(owner)
  return {
    chain: chain.name,
    key: [place.name, variant, packet.family, table.name, chain.name, index, packet.reply].join('/'),
    step: {
      place: place.name,
      where: whereOf(visit, chain, index),
      what: formatRule(rule),
      rule,
      ...commentOf(rule),
      owner,
      source: topology === null ? null : course.sourceOf(topology, rule),
    },
  }
}

/** Who made a rule, and what for. */
function whose({ owner, comment }: Pick<Hop, 'owner' | 'comment'>): string {
  return [owner ?? '', comment === undefined ? '' : `"${comment}"`].filter(Boolean).join(', ')
}

/** A mark of nsctl's own says no more than the owner does. */
function commentOf(rule: Rule): { comment?: string } {
  const comment = optionValue(rule, '--comment')
  return comment === null || readMark(comment) !== null ? {} : { comment }
}

function whereOf({ variant, table, transit }: Visit, { name }: Chain, index: number): string {
  const { family } = transit.packet
  const sole = transit.place.rulesets.filter(ruleset => ruleset[family].length > 0).length < 2
  return `${sole ? '' : `${variant} `}${table.name} ${name} rule ${index + 1}`
}
