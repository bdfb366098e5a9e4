import type { NftTable } from './ruleset.ts'

/** Priority of iptables' tables; of translation by the end that is translated. */
export const IPTABLES_PRIORITIES: Record<string, number | undefined> = {
  raw: -300,
  mangle: -150,
  filter: 0,
  security: 50,
}
export const NAT_PRIORITIES = { destination: -100, source: 100 }

/** Base chains of iptables' tables as its tools make them: those that iptables-save lists. */
const BUILT_IN: Record<string, string[] | undefined> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/** Whether a table may be one that iptables made: by its family and name. */
export function isIptablesTable({ family, name }: Pick<NftTable, 'family' | 'name'>): boolean {
  return (family === 'ip' || family === 'ip6') && name in BUILT_IN
}

/** A base chain with where it hooks in. */
export interface HookedChain {
  family: string
  table: string
  name: string
  type: string | undefined
  hook: string | undefined
  priority: number | undefined
}

/** Whether a base chain is one that iptables made, and no native one beside it: `forward` in lower case is native. */
export function isIptablesChain({ family, table, name, type, hook, priority }: HookedChain): boolean {
  if (!isIptablesTable({ family, name: table }) || !BUILT_IN[table]?.includes(name)) return false
  const end = name === 'PREROUTING' || name === 'OUTPUT' ? 'destination' : 'source'
  const made =
    table === 'nat'
      ? { type: 'nat', priority: NAT_PRIORITIES[end] }
      : {
          type: table === 'mangle' && name === 'OUTPUT' ? 'route' : 'filter',
          priority: IPTABLES_PRIORITIES[table],
        }
  return hook === name.toLowerCase() && type === made.type && priority === made.priority
}
