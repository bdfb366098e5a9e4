import { tokens } from '../firewall/tokens.ts'

/** One option of a rule with its words, as `--dport 80`; `-m tcp` is one too, since some modules have no other. */
export interface Option {
  /** `tcp`, `conntrack`…; empty for what every rule has: -s, -d, -i, -o, -p. */
  module: string
  name: string
  negated: boolean
  values: string[]
}

export interface ParsedRule {
  text: string
  options: Option[]
  /** Null: counts, and goes on. */
  target: { name: string; goto: boolean; words: string[] } | null
  comment: string | null
}

const parsed = new Map<string, ParsedRule>()
const MOST_KEPT = 100_000

/** Reads a rule as iptables-save prints it, without `-A CHAIN `. */
export function parseRule(text: string): ParsedRule {
  const known = parsed.get(text)
  if (known) return known
  if (parsed.size > MOST_KEPT) parsed.clear()
  const rule = parse(text)
  parsed.set(text, rule)
  return rule
}

function parse(text: string): ParsedRule {
  const words = tokens(text)
  const options: Option[] = []
  let module = ''
  let negated = false
  let target: ParsedRule['target'] = null
  let i = 0
  while (i < words.length) {
    const word = words[i++] ?? ''
    if (word === '!') negated = true
    else if (word === '-m') {
      module = words[i++] ?? ''
      options.push({ module, name: word, negated: false, values: [] })
    } else if (word === '-j' || word === '-g') {
      target = { name: words[i] ?? '', goto: word === '-g', words: words.slice(i + 1) }
      break
    } else {
      const values: string[] = []
      while (i < words.length && !isOption(words[i] ?? '')) values.push(words[i++] ?? '')
      const own = BASE.includes(word)
      options.push({ module: own ? '' : module, name: word, negated, values })
      negated = false
    }
  }
  const comment = options.find(({ name }) => name === '--comment')?.values.join(' ') ?? null
  return { text, options, target, comment }
}

const BASE = ['-s', '-d', '-i', '-o', '-p', '-f']

function isOption(word: string): boolean {
  return word === '!' || /^--?[A-Za-z]/.test(word)
}

/** The value behind an option of a target: `--to-destination`. */
export function wordAfter(words: string[], name: string): string | null {
  const at = words.indexOf(name)
  return at < 0 ? null : (words[at + 1] ?? null)
}
