import { tablesOf } from '../model/host/iptables.ts'
import type { Snapshot } from '../model/host/snapshot.ts'
import { chainOwner, readMark } from '../model/ownership.ts'

/** Names of the topologies that have left a mark anywhere on the host, sorted. No state file is asked. */
export function topologiesOn(snapshot: Snapshot): string[] {
  const links = [snapshot.host, ...Object.values(snapshot.namespaces)].flatMap(({ links }) => links)
  const names = [
    ...links.map(link => readMark(link.alias)?.topology ?? null),
    ...tablesOf(snapshot.firewall).flatMap(table => table.chains.map(({ name }) => chainOwner(name))),
    ...Object.values(snapshot.etcNetns).map(content => markOnFirstLine(content)),
    ...snapshot.claims.flatMap(({ holders }) => holders),
  ]
  return [...new Set(names.filter(name => name !== null))].sort()
}

function markOnFirstLine(content: string | null): string | null {
  const line = content?.split('\n', 1)[0] ?? ''
  return line.startsWith('# ') ? (readMark(line.slice(2))?.topology ?? null) : null
}
