import { chain } from '../kinds/firewall/chain.ts'
import { resourcesOf } from '../kinds/kind.ts'
import { policy } from '../kinds/settings/policy.ts'
import type { Family } from '../model/address.ts'
import type { Snapshot, UnreadableTable, Variant } from '../model/host/snapshot.ts'
import { chainOwner } from '../model/ownership.ts'
import { type Plan, refuses } from '../model/plan/plan.ts'
import type { Resource, State } from '../model/plan/resource.ts'

/** Why a plan, or what is left of one, does not tell all there is to do; null where it does. */
export function blindSpotOf({ findings }: Plan): string | null {
  return findings.find(finding => finding.code === TABLE_UNREADABLE && refuses(finding))?.summary ?? null
}

export const TABLE_UNREADABLE = 'table-unreadable'

interface TablePlace {
  variant: Variant
  family: Family
  table: string
}

/** The unreadable tables that something of a topology is in, or is to be in. */
export function unreadableFor(topology: string, states: State[], { firewall }: Snapshot): UnreadableTable[] {
  const { unreadable = [] } = firewall
  if (unreadable.length === 0) return []
  const places = states.flatMap(placesIn)
  return unreadable.filter(
    one => places.some(place => isSame(one, place)) || holdsChainOf(topology, one, firewall),
  )
}

/** A state without what is in one of some tables, so that nothing is known of it. */
export function readableOf(state: State, tables: UnreadableTable[]): State {
  return tables.length === 0 ? state : new Map([...state].filter(([, one]) => !isWithin(tables, one)))
}

function isWithin(tables: UnreadableTable[], resource: Resource): boolean {
  const places = placesIn(new Map([[resource.id, resource]]))
  return tables.some(one => places.some(place => isSame(one, place)))
}

/** A policy of somebody else is in a state as well: it is there to be claimed. */
function placesIn(state: State): TablePlace[] {
  return [
    ...resourcesOf(chain, state).map(({ attributes }) => attributes),
    ...resourcesOf(policy, state)
      .filter(({ owned }) => owned)
      .map(({ attributes }) => ({ ...attributes, table: 'filter' })),
  ]
}

function isSame(one: TablePlace, other: TablePlace): boolean {
  return one.variant === other.variant && one.family === other.family && one.table === other.table
}

/** Of a table that nobody can look into it has to be supposed. */
function holdsChainOf(
  topology: string,
  { variant, family, table, culprits }: UnreadableTable,
  firewall: Snapshot['firewall'],
): boolean {
  if (culprits.length === 0) return variant === firewall.variant && table !== 'security'
  const rules = variant === firewall.variant ? firewall : firewall.other
  const found = rules[family].find(({ name }) => name === table)
  return found?.chains.some(({ name }) => chainOwner(name) === topology) ?? false
}
