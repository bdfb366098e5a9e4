import type { NftBase, NftChain, NftMisprint, NftRule, NftTable } from '../../model/nft/ruleset.ts'
import type { NftStatement } from '../../model/nft/statement.ts'
import type { NftVerdict } from '../../model/nft/verdict.ts'
import { NEXT, type Outcome, RETURNED } from '../rules/act.ts'
import { failed, type Transit } from '../transit.ts'
import { supposed, type WalkEnd, type Walking } from '../world.ts'
import { allHold, mayDecide, parts } from './asked.ts'
import { isIn } from './compare.ts'
import { isBeforeTracking } from './connection.ts'
import { elementsOf, evaluate } from './evaluate.ts'
import {
  chainName,
  described,
  keyOf,
  type Met,
  nativeStop,
  say,
  stopped,
  suppose,
  type Visit,
  type WalkInto,
} from './met.ts'
import { ownerOfTable } from './owner.ts'
import { translateBy } from './translate.ts'

/** A base chain with the table that it is in. */
export interface HookedChain {
  table: NftTable
  chain: NftChain
  base: NftBase
}

/** Takes a packet through one base chain; null where it comes out at the other side. */
export function* passChain(transit: Transit, { table, chain, base }: HookedChain): Walking<WalkEnd | null> {
  const visit = { view: { transit, table, ...base }, depth: 0 }
  const outcome = yield* walkChain(visit, chain)
  if (outcome.kind === 'ended') return outcome.end
  if (outcome.kind === 'accepted' || base.policy !== 'drop') return null
  const name = chainName(table, chain)
  const owner = ownerOfTable(table)
  transit.course.steps.push({
    ...{ place: transit.place.name, where: name, what: 'policy', rule: null, effect: 'drop', source: null },
    owner,
  })
  return failed(transit, 'dropped', `policy drop of ${name}`, {
    chain: chain.name,
    owner,
    source: null,
    native: nativeStop(visit.view, chain, null),
  })
}

/**
 * Takes a packet through a native rule in one of iptables' own chains.
 *
 * @param walkInto goes through another chain of iptables; null where there is none of that name
 */
export function* passRule(
  transit: Transit,
  { family, table, chain, rule, sets }: NftMisprint,
  { hook, priority }: { hook: string; priority: number },
  walkInto: WalkInto,
): Walking<Outcome> {
  const view = { transit, table: { family, name: table, chains: [], sets }, hook, priority }
  return yield* meetRule({ view, depth: 0, walkInto }, { name: chain, rules: [rule] }, rule)
}

const DEEPEST = 16

function* walkChain(visit: Visit, chain: NftChain): Walking<Outcome> {
  for (const rule of chain.rules) {
    const outcome = yield* meetRule(visit, chain, rule)
    if (outcome.kind !== 'next') return outcome
  }
  return RETURNED
}

/** Asks and does what a rule says, part by part, until one does not hold or decides. */
function* meetRule(visit: Visit, chain: NftChain, rule: NftRule): Walking<Outcome> {
  const met: Met = { visit, chain, rule }
  if (!rule.statements.some(mayDecide)) return NEXT
  for (const part of parts(rule.statements)) {
    if (!(yield* allHold(met, part.asked))) return NEXT
    if (part.done === null) return NEXT
    const outcome = yield* perform(met, part.done)
    if (outcome === 'no match') return NEXT
    if (outcome.kind !== 'next') return outcome
  }
  return NEXT
}

/** `no match`: a lookup found nothing, which ends the rule. */
function* perform(met: Met, statement: NftStatement): Walking<Outcome | 'no match'> {
  const { view } = met.visit
  const { transit } = view
  if ('verdict' in statement) return yield* follow(met, statement.verdict)
  if ('vmap' in statement) return yield* lookUp(met, statement.vmap)
  if ('reject' in statement) {
    const own = transit.packet.family === 'ipv4' ? 'ip' : 'ip6'
    if (statement.family !== undefined && statement.family !== own) return 'no match'
    return stopped(met, 'rejected', `reject with ${statement.reject}`)
  }
  if ('nat' in statement) {
    const effect = yield* translateBy(statement.nat, view)
    if (effect === 'no match') return effect
    if (effect === null) return suppose(met)
    say(met, effect)
    return { kind: 'accepted' }
  }
  if ('mark' in statement) {
    const value = yield* evaluate(statement.mark.value, view)
    if (value.is === 'absent') return 'no match'
    const mark = value.is === 'number' || value.is === 'flags' ? value.value : null
    if (mark === null) return NEXT
    if (statement.mark.of === 'meta') transit.packet = { ...transit.packet, mark }
    else if (transit.connection) transit.connection.mark = mark
    say(met, `${statement.mark.of} mark ${mark}`)
    return NEXT
  }
  if ('notrack' in statement) {
    // Later than connection tracking it comes too late.
    if (!isBeforeTracking(transit, view)) return NEXT
    Object.assign(transit, { connection: null, tracking: 'UNTRACKED' })
    say(met, 'notrack')
    return NEXT
  }
  return suppose(met)
}

function* follow(met: Met, verdict: NftVerdict): Walking<Outcome> {
  if (typeof verdict === 'object') {
    const name = 'jump' in verdict ? verdict.jump : verdict.goto
    return yield* call(met, name, 'goto' in verdict)
  }
  switch (verdict) {
    case 'accept':
      say(met, 'accept')
      return { kind: 'accepted' }
    case 'drop':
      return stopped(met, 'dropped', 'drop')
    case 'return':
      say(met, 'return')
      return RETURNED
    case 'queue':
      return suppose(met)
    case 'continue':
      return NEXT
  }
}

/** Of several that it may be each is tried; of as many as there are, one it is. */
function* lookUp(
  met: Met,
  { key, data }: Extract<NftStatement, { vmap: unknown }>['vmap'],
): Walking<Outcome | 'no match'> {
  const { view } = met.visit
  const value = yield* evaluate(key, view)
  if (value.is === 'absent') return 'no match'
  const elements = yield* elementsOf(data, view)
  if (elements === null) return suppose(met)
  const open = elements.filter(element => isIn(value, element.key) !== false)
  const isComplete =
    value.is === 'between' && open.length === value.last - value.first + 1 && open.length === elements.length
  for (const [i, element] of open.entries()) {
    const truth = isIn(value, element.key)
    const isLast = isComplete && i === open.length - 1
    const takes =
      truth === true || isLast || supposed(view.transit.course, `${keyOf(met)} ${i}`, described(met))
    if (takes) return yield* follow(met, element.verdict ?? 'continue')
  }
  return 'no match'
}

function* call(met: Met, name: string, isGoto: boolean): Walking<Outcome> {
  const { visit } = met
  const inner = visit.view.table.chains.find(chain => chain.name === name)
  const walk = inner ? walkChain({ ...visit, depth: visit.depth + 1 }, inner) : visit.walkInto?.(name)
  if (!walk || visit.depth >= DEEPEST) return suppose(met)
  const { steps } = visit.view.transit.course
  const before = steps.length
  say(met, `-> ${name}`)
  const outcome = yield* walk
  if (outcome.kind !== 'returned') return outcome
  // A chain that nothing in it matched is not worth a line.
  if (steps.length === before + 1) steps.pop()
  return isGoto ? RETURNED : NEXT
}
