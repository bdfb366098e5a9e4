/** Table to chain to its policy (`-` for a user-defined chain) and its rules in order. */
export type Ruleset = Record<string, Record<string, { policy: string; rules: string[] }>>

const BUILT_IN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

/**
 * Reads what iptables-save prints, without counters, and without built-in chains that are empty and accept: any call
 * of iptables leaves those behind, more or fewer of them depending on its variant and version.
 */
export function readSaved(text: string): Ruleset {
  const ruleset: Ruleset = {}
  let table = ''
  for (const line of text.split('\n')) {
    const chain = /^:(\S+) (\S+)/.exec(line)
    const rule = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line)
    if (line.startsWith('*')) {
      table = line.slice(1)
      ruleset[table] = {}
    } else if (chain) {
      ruleset[table] = { ...ruleset[table], [chain[1] ?? '']: { policy: chain[2] ?? '', rules: [] } }
    } else if (rule) {
      ruleset[table]?.[rule[1] ?? '']?.rules.push(rule[2] ?? '')
    }
  }
  return sorted(
    Object.entries(ruleset)
      .map(([name, chains]) => [name, withoutIdle(chains)] as const)
      .filter(([, chains]) => Object.keys(chains).length > 0),
  )
}

function withoutIdle(chains: Ruleset[string]): Ruleset[string] {
  return sorted(
    Object.entries(chains).filter(([, { policy, rules }]) => policy !== 'ACCEPT' || rules.length > 0),
  )
}

function sorted<T>(entries: (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

interface NftValue {
  family: string
  table?: string
  name?: string
  chain?: string
  policy?: string
}

interface NftObject {
  kind: string
  value: NftValue
}

/** Reads `nft -j list ruleset` into one line per object, in order, without handles, counters and idle chains. */
export function readNft(text: string): string[] {
  if (text.trim() === '') return []
  const listed: Record<string, NftValue>[] = JSON.parse(text).nftables
  const all = listed.flatMap(one => Object.entries(one).map(([kind, value]) => ({ kind, value })))
  const busy = all.filter(one => one.kind !== 'metainfo' && !isIdleChain(one, all))
  return busy
    .filter(one => !isIdleTable(one, busy, all))
    .map(({ kind, value }) =>
      JSON.stringify({ [kind]: value }, (key, inner) => {
        if (key === 'handle' || key === 'expires') return undefined
        return key === 'counter' && inner ? { ...inner, packets: undefined, bytes: undefined } : inner
      }),
    )
}

/** A built-in chain of iptables-nft that is empty and accepts. */
function isIdleChain({ kind, value }: NftObject, all: NftObject[]): boolean {
  const { family, table, name = '', policy } = value
  if (kind !== 'chain' || !isFromIptables(family) || policy !== 'accept' || !BUILT_IN.includes(name))
    return false
  return !all.some(({ value: rule }) => rule.family === family && rule.table === table && rule.chain === name)
}

/** A table that had nothing but idle chains; one that somebody left empty on purpose had none. */
function isIdleTable(
  { kind, value: { family, name } }: NftObject,
  busy: NftObject[],
  all: NftObject[],
): boolean {
  const inside = ({ value }: NftObject) => value.family === family && value.table === name
  return kind === 'table' && isFromIptables(family) && !busy.some(inside) && all.some(inside)
}

function isFromIptables(family: string): boolean {
  return family === 'ip' || family === 'ip6'
}
