import type { NftChain, NftRule, NftTable } from '../../model/nft/ruleset.ts'
import { NEXT, type Outcome } from '../rules/act.ts'
import { failed } from '../transit.ts'
import { type NativeStop, supposed, type Walking } from '../world.ts'
import type { View } from './evaluate.ts'
import { ownerOfNftRule } from './owner.ts'

/** Goes through a chain of another table of rules; null where there is none of that name. */
export type WalkInto = (chain: string) => Walking<Outcome> | null

/** A walk through the chains of a table. */
export interface Visit {
  view: View
  depth: number
  walkInto?: WalkInto
}

/** A rule that a packet meets. */
export interface Met {
  visit: Visit
  chain: NftChain
  rule: NftRule
}

/** What is not known takes the packet, or does not. */
export function suppose(met: Met): Outcome {
  const { course } = met.visit.view.transit
  if (!supposed(course, `${keyOf(met)} statement`, described(met))) return NEXT
  return stopped(met, 'dropped', 'taken')
}

export function stopped(met: Met, why: 'dropped' | 'rejected', effect: string): Outcome {
  const { visit, chain, rule } = met
  const { transit, table } = visit.view
  say(met, effect)
  const comment = rule.comment === undefined ? '' : ` "${rule.comment}"`
  const detail = `${why} by ${chainName(table, chain)}: ${textOf(rule)}${comment}`
  const by = {
    chain: chain.name,
    owner: ownerOfNftRule(table, chain, rule),
    source: null,
    native: nativeStop(visit.view, chain, rule),
  }
  return { kind: 'ended', end: failed(transit, why, detail, by) }
}

export function nativeStop(
  { transit, table, hook }: View,
  { name }: NftChain,
  rule: NftRule | null,
): NativeStop {
  const { input, output, packet } = transit
  return { family: table.family, table: table.name, chain: name, hook, rule, input, output, packet }
}

export function say({ visit, chain, rule }: Met, effect: string): void {
  const { transit, table } = visit.view
  const comment = rule.comment === undefined ? '' : ` "${rule.comment}"`
  transit.course.steps.push({
    place: transit.place.name,
    where: chainName(table, chain),
    what: `${textOf(rule)}${comment}`,
    rule: null,
    effect,
    owner: ownerOfNftRule(table, chain, rule),
    source: null,
  })
}

/** Names a rule in this walk. */
export function keyOf({ visit, chain, rule }: Met): string {
  const { transit, table } = visit.view
  const { place, packet, input, output } = transit
  return [
    'nft',
    place.name,
    table.family,
    table.name,
    chain.name,
    rule.handle,
    packet.reply,
    input,
    output,
  ].join('/')
}

export function described({ visit, chain, rule }: Met): string {
  const { transit, table } = visit.view
  return `${rule.text} in ${chainName(table, chain)} of ${transit.place.name} (${ownerOfNftRule(table, chain, rule)})`
}

export function chainName({ family, name }: NftTable, chain: NftChain): string {
  return `nft ${family} ${name} ${chain.name}`
}

function textOf({ text, comment }: NftRule): string {
  const end = ` comment "${comment ?? ''}"`
  return comment !== undefined && text.endsWith(end) ? text.slice(0, -end.length) : text
}
