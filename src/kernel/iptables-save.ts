import type { Chain, Table } from '../model/snapshot.ts'

/**
 * Parses what iptables-save prints, of either variant and family. Counters are dropped, and so is everything that is
 * no table, chain or rule: comments, COMMIT, and iptables-nft-save's notes on tables it cannot print.
 */
export function parseSave(text: string): Table[] {
  const tables: Table[] = []
  let chains = new Map<string, Chain>()
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      chains = new Map()
      tables.push({ name: line.slice(1).trim(), chains: [] })
    } else if (line.startsWith(':')) {
      const chain = parseChain(line)
      chains.set(chain.name, chain)
      tables.at(-1)?.chains.push(chain)
    } else {
      const rule = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line)
      if (rule?.[1] !== undefined) chains.get(rule[1])?.rules.push(rule[2] ?? '')
    }
  }
  return tables
}

/**
 * The words of a rule as iptables-restore takes them: blanks separate, double quotes hold together, a backslash
 * within quotes takes the next character as it is. Outside quotes a backslash is a character like any other.
 */
export function tokens(rule: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quoted = false
  for (let i = 0; i < rule.length; i++) {
    const character = rule.charAt(i)
    if (quoted && character === '\\' && i + 1 < rule.length) {
      word = (word ?? '') + rule.charAt(++i)
    } else if (character === '"') {
      quoted = !quoted
      word = word ?? ''
    } else if (!quoted && (character === ' ' || character === '\t')) {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + character
    }
  }
  if (word !== null) words.push(word)
  return words
}

/** A word as iptables-save prints it: in quotes when it holds anything but word characters, `"`, `\` and `'` escaped. */
export function quote(word: string): string {
  return /^[\w-]+$/.test(word) ? word : `"${word.replace(/["\\']/g, '\\$&')}"`
}

function parseChain(line: string): Chain {
  const [name = '', policy = '-'] = line.slice(1).split(' ')
  return { name, policy: policy === '-' ? null : policy, rules: [] }
}
