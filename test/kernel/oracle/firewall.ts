/** Table to chain to its policy (`-` for a user-defined chain) and its rules in order. */
export type Ruleset = Record<string, Record<string, { policy: string; rules: string[] }>>

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
}

/**
 * Reads `nft -j list ruleset` into one line per object, in order, without handles and counters. `saved` is what
 * iptables-nft-save has printed, by family: the tables and chains of iptables are in the picture as it shows them. nft
 * lists them in the order in which they came to be, which changes when iptables makes one anew and decides nothing. A
 * table that iptables-nft-save cannot show whole (`# Table `filter' is incompatible`) is left to nft.
 */
export function readNft(text: string, saved: { ip: string; ip6: string }): string[] {
  if (text.trim() === '') return []
  const shown = new Set(
    Object.entries(saved).flatMap(([family, output]) =>
      [...output.matchAll(/^\*(\S+)/gm)].map(([, table]) => `${family} ${table}`),
    ),
  )
  const listed: Record<string, NftValue>[] = JSON.parse(text).nftables
  return listed
    .flatMap(one => Object.entries(one))
    .filter(([kind, value]) => kind !== 'metainfo' && !shown.has(iptablesTable(kind, value)))
    .map(([kind, value]) =>
      JSON.stringify({ [kind]: value }, (key, inner) => {
        if (key === 'handle' || key === 'expires') return undefined
        return key === 'counter' && inner ? { ...inner, packets: undefined, bytes: undefined } : inner
      }),
    )
}

/** The table that an object is or lies in, where iptables knows objects of its kind: it has no sets, say. */
function iptablesTable(kind: string, { family, table, name }: NftValue): string {
  return ['table', 'chain', 'rule'].includes(kind) ? `${family} ${kind === 'table' ? name : table}` : ''
}
