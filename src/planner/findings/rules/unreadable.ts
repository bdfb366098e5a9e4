import type { Source } from '../../../model/diagnostic.ts'
import type { Snapshot, UnreadableTable } from '../../../model/host/snapshot.ts'
import { deleteNative, describeNative, describeUnreadable, nftTable } from '../../../model/host/unreadable.ts'
import type { Finding } from '../../../model/plan/plan.ts'
import type { State } from '../../../model/plan/resource.ts'
import { TABLE_UNREADABLE, unreadableFor } from '../../unreadable.ts'
import { error, warning } from '../finding.ts'

/** Tables that iptables cannot print: where the topology has something in one, no plan can rest on what is there. */
export function unreadableFindings(
  { name, source }: { name: string; source: Source | null },
  states: State[],
  snapshot: Snapshot,
): Finding[] {
  const needed = unreadableFor(name, states, snapshot)
  return (snapshot.firewall.unreadable ?? []).map(table => {
    const finding = [
      TABLE_UNREADABLE,
      subjectOf(table),
      describeUnreadable(table),
      notesOn(table),
      source,
    ] as const
    return needed.includes(table) ? error(...finding) : warning(...finding)
  })
}

/**
 * The same for a topology that is to be destroyed: of a table that iptables cannot print, nft deletes what is the
 * topology's. Only without nft nobody can.
 */
export function unreadableOnTheWayOut(name: string, observed: State, snapshot: Snapshot): Finding[] {
  return unreadableFor(name, [observed], snapshot).map(table => {
    const rest = [TABLE_UNREADABLE, subjectOf(table), describeUnreadable(table)] as const
    return table.culprits.length === 0
      ? error(...rest, notesOn(table), null)
      : warning(
          ...rest,
          ['nft tells what of this topology is in it, and deletes that', ...notesOn(table)],
          null,
        )
  })
}

function subjectOf(table: UnreadableTable): string {
  return `${table.variant}/${nftTable(table).replace(' ', '/')}`
}

/** At most so many rules are listed. */
const MOST_NAMED = 5

function notesOn(table: UnreadableTable): string[] {
  const { culprits, why } = table
  const said = `it says: ${why}`
  if (culprits.length === 0)
    return [
      said,
      `to see the rule that it cannot print: apt install nftables, then nft -a list table ${nftTable(table)}`,
    ]
  const named = culprits.slice(0, MOST_NAMED)
  const more = culprits.length - named.length
  return [
    said,
    ...named.slice(1).map(describeNative),
    ...(more > 0 ? [`and ${more} more: nft -a list table ${nftTable(table)}`] : []),
    `whoever wrote it with nft has to put it into a table of its own, such as: nft add table ${nftTable({ ...table, table: 'NAME' })}`,
    ...named.map(rule => `as a last resort: ${deleteNative(rule)}`),
  ]
}
