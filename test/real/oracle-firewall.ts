/** Table to chain to its policy (`-` for a user-defined chain) and its rules in order. */
export type Ruleset = Record<string, Record<string, { policy: string; rules: string[] }>>

const BUILT_IN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

/** Reads what iptables-save prints, without counters and without tables that no rule was ever put into. */
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
  return sorted(ruleset, chains => !isUntouched(chains))
}

function isUntouched(chains: Ruleset[string]): boolean {
  return Object.values(chains).every(({ policy, rules }) => policy === 'ACCEPT' && rules.length === 0)
}

function sorted(ruleset: Ruleset, keep: (chains: Ruleset[string]) => boolean): Ruleset {
  const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
  return Object.fromEntries(
    Object.entries(ruleset)
      .filter(([, chains]) => keep(chains))
      .sort(byName)
      .map(([name, chains]) => [name, Object.fromEntries(Object.entries(chains).sort(byName))]),
  )
}

interface NftChain {
  family: string
  table: string
  name: string
  policy?: string
}

type NftObject = Record<string, NftChain & Record<string, unknown>>

/** Reads `nft -j list ruleset` into one line per object, in order, without handles and counters. */
export function readNft(text: string): string[] {
  if (text.trim() === '') return []
  const objects: NftObject[] = JSON.parse(text).nftables.filter((one: NftObject) => !one.metainfo)
  const idle = idleTables(objects)
  return objects
    .filter(one => {
      const [kind, value] = Object.entries(one)[0] ?? []
      return !value || !idle.has(`${value.family} ${kind === 'table' ? value.name : value.table}`)
    })
    .map(one =>
      JSON.stringify(one, (key, value) => {
        if (key === 'handle') return undefined
        return key === 'counter' && value !== null && typeof value === 'object' ? {} : value
      }),
    )
}

/** The tables of iptables-nft with nothing but built-in chains that accept: any call of it leaves them behind. */
function idleTables(objects: NftObject[]): Set<string> {
  const tables = objects.flatMap(one => (one.table ? [one.table] : []))
  return new Set(
    tables
      .filter(({ family }) => family === 'ip' || family === 'ip6')
      .filter(({ family, name }) => {
        const inside = objects.filter(one => {
          const value = Object.values(one)[0]
          return !one.table && value?.family === family && value.table === name
        })
        return inside.every(
          one => one.chain && one.chain.policy === 'accept' && BUILT_IN.includes(one.chain.name),
        )
      })
      .map(({ family, name }) => `${family} ${name}`),
  )
}
