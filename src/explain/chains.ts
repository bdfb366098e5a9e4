import type { Source } from '../model/diagnostic.ts'
import type { Ruleset } from '../model/place.ts'
import type { Chain, Table } from '../model/snapshot.ts'
import type { Sight } from './conditions.ts'
import { ruleMatches } from './matches.ts'
import { ownerOfRule, topologyOfRule } from './owner.ts'
import { endpoint } from './packet.ts'
import { askWayBack } from './routing.ts'
import { type ParsedRule, parseRule, wordAfter } from './rule-text.ts'
import {
  effectOf,
  isPassing,
  mapped,
  portOf,
  type Translation,
  translationOf,
  withDestination,
  withSource,
} from './targets.ts'
import { addressToward, failed, rewrite, sightOf, type Transit } from './transit.ts'
import { type End, supposed, type Walking } from './world.ts'

/** How a packet comes out of a table: on its way (`accepted` ends the table), or not. */
type Outcome = { kind: 'accepted' } | { kind: 'returned' } | { kind: 'ended'; end: End }

const ACCEPTED: Outcome = { kind: 'accepted' }
const RETURNED: Outcome = { kind: 'returned' }

/** Takes a packet through one built-in chain; null where it comes out at the other side. */
export function* traverse(
  transit: Transit,
  ruleset: Ruleset,
  table: string,
  hook: string,
): Walking<End | null> {
  const found = ruleset[transit.packet.family].find(({ name }) => name === table)
  const chain = found?.chains.find(({ name }) => name === hook)
  if (!found || !chain) return null
  const visit = { transit, table: found, variant: ruleset.variant, depth: 0 }
  const outcome = yield* walkChain(visit, chain)
  if (outcome.kind === 'ended') return outcome.end
  if (outcome.kind === 'accepted' || chain.policy !== 'DROP') return null
  const what = `policy DROP of ${table} ${hook} (iptables-${ruleset.variant})`
  transit.course.steps.push({
    place: transit.place.name,
    where: `${table} ${hook}`,
    what: 'policy',
    effect: 'DROP',
    owner: null,
    source: null,
  })
  return failed(transit, 'dropped', what)
}

interface Visit {
  transit: Transit
  table: Table
  variant: string
  depth: number
}

const DEEPEST = 64

function* walkChain(visit: Visit, chain: Chain): Walking<Outcome> {
  for (const [index, text] of chain.rules.entries()) {
    const rule = parseRule(text)
    // What only logs and the like needs no judgement: whatever it matches, the packet goes on.
    if (rule.target === null || isPassing(rule.target.name)) continue
    const matched = yield* meets(visit, chain, index, rule)
    if (!matched) continue
    const outcome = yield* act(visit, chain, index, rule, rule.target)
    if (outcome !== null) return outcome
  }
  return RETURNED
}

/** Whether a rule's matches hold; what cannot be told is taken for what the walk supposes. */
function* meets(visit: Visit, chain: Chain, index: number, rule: ParsedRule): Walking<boolean> {
  const { transit } = visit
  const back = / -m rpfilter\b/.test(` ${rule.text}`) ? yield* askWayBack(transit) : null
  const sight: Sight = sightOf(transit, back)
  const { truth, unknown } = ruleMatches(rule, sight)
  if (truth !== null) return truth
  const modules = unknown.map(({ module, name, values, negated }) =>
    [negated ? '!' : '', name === '-m' ? `-m ${module}` : `${name} ${values.join(' ')}`].join(' ').trim(),
  )
  return supposed(
    transit.course,
    keyOf(visit, chain, index, transit.packet.reply),
    `${modules.join(' ')} in ${whereOf(visit, chain, index)} of ${transit.place.name} (${ownerOfRule(chain.name, rule)})`,
  )
}

/** What a matching rule's target does; null: the next rule. */
function* act(
  visit: Visit,
  chain: Chain,
  index: number,
  rule: ParsedRule,
  { name, goto, words }: NonNullable<ParsedRule['target']>,
): Walking<Outcome | null> {
  const { transit, table } = visit
  const met = metRule(visit, chain, index, rule)
  const say = (effect: string) => {
    transit.course.steps.push({ ...met, effect })
  }
  const inner = table.chains.find(candidate => candidate.name === name && candidate.policy === null)
  if (inner) {
    if (visit.depth >= DEEPEST) return RETURNED
    const at = transit.course.steps.length
    say(`-> ${name}`)
    const outcome = yield* walkChain({ ...visit, depth: visit.depth + 1 }, inner)
    // A chain that nothing in it matched is not worth a line.
    if (outcome.kind === 'returned' && transit.course.steps.length === at + 1) transit.course.steps.pop()
    if (outcome.kind !== 'returned') return outcome
    return goto ? RETURNED : null
  }
  if (name === 'RETURN' || name === 'ACCEPT') {
    say(name)
    return name === 'ACCEPT' ? ACCEPTED : RETURNED
  }
  if (name === 'DROP' || name === 'REJECT') {
    say(name)
    const detail = `${name === 'DROP' ? 'dropped' : 'rejected'} by ${met.where}`
    return { kind: 'ended', end: failed(transit, name === 'DROP' ? 'dropped' : 'rejected', detail, met) }
  }
  const effect = effectOf(name, words, transit.packet.mark, transit.connection?.mark ?? 0)
  if (effect !== null) {
    say(name)
    if (effect.mark !== undefined) transit.packet = { ...transit.packet, mark: effect.mark }
    if (effect.connectionMark !== undefined && transit.connection)
      transit.connection.mark = effect.connectionMark
    if (effect.untracked) Object.assign(transit, { connection: null, tracking: 'UNTRACKED' })
    return effect.untracked ? ACCEPTED : null
  }
  const translated = translate(transit, name, words)
  if (translated) {
    say(translated)
    return ACCEPTED
  }
  const key = `${keyOf(visit, chain, index, transit.packet.reply)} target`
  const text = `-j ${[name, ...words].join(' ')} in ${met.where} of ${transit.place.name} (${met.owner})`
  if (!supposed(transit.course, key, text)) return null
  say(name)
  return { kind: 'ended', end: failed(transit, 'dropped', `taken by ${text}`, met) }
}

/** Returns what was done, or null for a target that is none, or whose choice is the kernel's. */
function translate(transit: Transit, name: string, words: string[]): string | null {
  const { packet, place, output } = transit
  const { tuple } = packet
  const apply = (to: Translation | null, which: 'source' | 'destination') => {
    if (to === null) return null
    rewrite(transit, which === 'source' ? withSource(tuple, to) : withDestination(tuple, to))
    return `${which} becomes ${shown(transit, which)}`
  }
  if (name === 'DNAT') {
    const to = wordAfter(words, '--to-destination')
    return to === null ? null : apply(translationOf(to, packet, tuple.destinationPort), 'destination')
  }
  if (name === 'SNAT') {
    const to = wordAfter(words, '--to-source')
    return to === null ? null : apply(translationOf(to, packet, tuple.sourcePort), 'source')
  }
  if (name === 'MASQUERADE') {
    const address = addressToward(place, output ?? '', nextHopOf(transit))
    return address === null ? null : apply({ address, port: tuple.sourcePort }, 'source')
  }
  if (name === 'REDIRECT') {
    const port = portOf(wordAfter(words, '--to-ports') ?? undefined, tuple.destinationPort)
    const address = transit.input === null ? LOOPBACK[packet.family] : addressOn(transit)
    return port === undefined ? null : apply({ address, port }, 'destination')
  }
  if (name === 'NETMAP') {
    const to = wordAfter(words, '--to')
    if (to === null) return null
    const which = output === null ? 'destination' : 'source'
    const port = output === null ? tuple.destinationPort : tuple.sourcePort
    return apply({ address: mapped(to, tuple[which]), port }, which)
  }
  return null
}

const LOOPBACK = { ipv4: '127.0.0.1', ipv6: '::1' }

function addressOn({ place, input, packet }: Transit): string | null {
  return addressToward(place, input ?? '', packet.tuple.source)
}

function nextHopOf({ via, packet }: Transit): string {
  return via ?? packet.tuple.destination
}

function shown({ packet: { tuple } }: Transit, which: 'source' | 'destination'): string {
  const port = which === 'source' ? tuple.sourcePort : tuple.destinationPort
  return endpoint(tuple[which], port)
}

function whereOf({ variant, table, transit }: Visit, { name }: Chain, index: number): string {
  const { family } = transit.packet
  const sole = transit.place.rulesets.filter(ruleset => ruleset[family].length > 0).length < 2
  return `${sole ? '' : `${variant} `}${table.name} ${name} rule ${index + 1}`
}

function keyOf({ variant, table, transit }: Visit, { name }: Chain, index: number, reply: boolean): string {
  return [transit.place.name, variant, transit.packet.family, table.name, name, index, reply].join('/')
}

function metRule(visit: Visit, chain: Chain, index: number, rule: ParsedRule) {
  const owner = ownerOfRule(chain.name, rule)
  const topology = topologyOfRule(owner)
  const source: Source | null = topology === null ? null : visit.transit.course.sourceOf(topology, rule.text)
  return {
    place: visit.transit.place.name,
    where: whereOf(visit, chain, index),
    what: rule.text,
    owner,
    source,
  }
}
