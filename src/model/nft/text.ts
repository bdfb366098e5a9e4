/** What the text form of a table tells beyond its JSON, by `FAMILY TABLE`. */
export type NftText = ReadonlyMap<string, NftTableText>

interface NftTableText {
  dormant: boolean
  /** By chain, of those that hook into interfaces. */
  devices: Map<string, string[]>
  /** Each rule as `nft list` prints it, by handle. */
  rules: Map<number, string>
}

/** Reads `nft -a -s -t list ruleset`; null where its end is missing. */
export function parseText(text: string): NftText | null {
  const tables = new Map<string, NftTableText>()
  let table: NftTableText | null = null
  let block: string | null = null
  let isOpen = false
  for (const line of text.split('\n')) {
    const head = /^table (\S+) (\S+) \{/.exec(line)
    if (head) {
      table = { dormant: false, devices: new Map(), rules: new Map() }
      tables.set(`${head[1]} ${head[2]}`, table)
      isOpen = true
    } else if (line === '}') {
      isOpen = false
    } else if (table !== null) {
      block = blockOf(line) ?? block
      readLine(table, block, line)
    }
  }
  return isOpen ? null : tables
}

/** `\tchain input { # handle 1`: the name of a chain; empty for a block of another sort. */
function blockOf(line: string): string | null {
  const [, chain, other] = /^\t(?:chain (\S+)|(\S+ .*)) \{/.exec(line) ?? []
  return chain ?? (other === undefined ? null : '')
}

function readLine(table: NftTableText, chain: string | null, line: string): void {
  if (/^\tflags .*\bdormant\b/.test(line)) table.dormant = true
  if (chain === null || chain === '' || !line.startsWith('\t\t')) return
  const base = /^\t\ttype \S+ hook \S+ (?:device (\S+)|devices = \{(.*?)\}) /.exec(line)
  if (base) {
    // Of one name in quotes, of several without.
    const names = (base[1] ?? base[2] ?? '').split(',').map(name => name.trim().replace(/^"|"$/g, ''))
    table.devices.set(chain, names)
  }
  const [, rule, handle] = /^\t\t(.*) # handle (\d+)$/.exec(line) ?? []
  if (rule !== undefined) table.rules.set(Number(handle), rule)
}
