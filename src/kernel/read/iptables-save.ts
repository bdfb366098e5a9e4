import type { Chain, Table } from '../../model/host/snapshot.ts'

/**
 * Parses what iptables-save prints, of either variant and family. Counters are dropped, and so is everything that is
 * no table, chain or rule: comments, COMMIT, and iptables-nft-save's notes on tables it cannot print.
 */
export function parseSave(text: string): Table[] {
  const tables: Table[] = []
  let chains = new Map<string, Chain>()
  for (const line of logicalLines(text)) {
    if (line.startsWith('*')) {
      chains = new Map()
      tables.push({ name: line.slice(1).trim(), chains: [] })
    } else if (line.startsWith(':')) {
      const chain = parseChain(line)
      chains.set(chain.name, chain)
      tables.at(-1)?.chains.push(chain)
    } else {
      const rule = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/s.exec(line)
      if (rule?.[1] !== undefined) chains.get(rule[1])?.rules.push(rule[2] ?? '')
    }
  }
  return tables
}

/** Whether every table is there to its end: output that was cut off must not pass for rules that are gone. */
export function isComplete(text: string): boolean {
  let open = false
  for (const line of logicalLines(text)) {
    if (line.startsWith('*') && open) return false
    if (line.startsWith('*')) open = true
    if (line === 'COMMIT') open = false
  }
  return !open && (text === '' || text.endsWith('\n'))
}

/** A comment may hold a newline, and what follows would pass for a rule of its own. */
function* logicalLines(text: string): Generator<string> {
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const end = /^(-A|\[)/.test(line) ? endOfQuote(lines, i) : i
    yield lines.slice(i, end + 1).join('\n')
    i = end
  }
}

/** Index of the line in which a quote that line i leaves open is closed; i when there is none, or no end to it. */
function endOfQuote(lines: string[], i: number): number {
  let open = false
  for (let end = i; end < lines.length; end++) {
    for (const match of (lines[end] ?? '').matchAll(/\\.|"/g)) {
      if (match[0] === '"') open = !open
    }
    if (!open) return end
  }
  return i
}

function parseChain(line: string): Chain {
  const [name = '', policy = '-'] = line.slice(1).split(' ')
  return { name, policy: policy === '-' ? null : policy, rules: [] }
}
