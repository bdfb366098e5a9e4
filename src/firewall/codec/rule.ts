import { tokens } from './tokens.ts'

/** One rule of iptables: what iptables-save prints behind `-A CHAIN `. */
export interface Rule {
  /** What a packet has to meet, in order. */
  options: Option[]
  /** Null: the rule counts packets, and the next one is asked. */
  target: Target | null
}

/** One option with its values, as `! --dport 80`; `-m tcp` is one too, since some modules have no other. */
export interface Option {
  /** As it is written, quotes and all. */
  text: string
  /** The module that it belongs to, or the target; empty for what every rule has: -s, -d, -i, -o, -p, -f. */
  module: string
  name: string
  negated: boolean
  values: string[]
}

/** What becomes of a packet that meets all options. */
export interface Target {
  /** As it is written, without its options: `-j DNAT`. */
  text: string
  /** `ACCEPT`, `DNAT`…, or a chain. */
  name: string
  /** Whether what returns from that chain returns from here, too (`-g`). */
  goto: boolean
  options: Option[]
}

/**
 * Reads a rule as iptables-save prints it, without `-A CHAIN `. An option that nothing here knows is one like any other:
 * it stays in the rule, for everybody to see who decides from it.
 */
export function parseRule(text: string): Rule {
  const options = optionsOf(text)
  const at = options.findIndex(isJump)
  const jump = options[at]
  if (jump === undefined) return { options, target: null }
  const target = {
    text: jump.text,
    name: jump.values[0] ?? '',
    goto: jump.name === '-g',
    options: options.slice(at + 1),
  }
  return { options: options.slice(0, at), target }
}

const known = new WeakMap<readonly string[], readonly Rule[]>()

/** The rules of a chain. They are read once: the list must not change afterwards. */
export function parseRules(texts: readonly string[]): readonly Rule[] {
  const rules = known.get(texts) ?? texts.map(parseRule)
  known.set(texts, rules)
  return rules
}

/** A chain as text, which `parseRules` needs not read again. */
export function formatRules(rules: readonly Rule[]): string[] {
  const texts = rules.map(formatRule)
  known.set(texts, rules)
  return texts
}

/** The same as text, character by character: `formatRule(parseRule(text))` is `text`. */
export function formatRule({ options, target }: Rule): string {
  const parts = target === null ? options : [...options, target, ...target.options]
  return parts.map(({ text }) => text).join(' ')
}

export function hasOption({ options }: { options: Option[] }, name: string): boolean {
  return options.some(option => option.name === name)
}

/** The value behind an option of a rule or of a target, as `--to-destination`; null where it is not there. */
export function optionValue({ options }: { options: Option[] }, name: string): string | null {
  return options.find(option => option.name === name)?.values[0] ?? null
}

/** Takes the word behind it whatever that looks like: iptables-save prints the comment `-j` without quotes. */
const HAS_VALUE = new Set([
  ...['-s', '-d', '-i', '-o', '-p', '-m', '-j', '-g'],
  ...['--comment', '--string', '--hex-string', '--log-prefix', '--nflog-prefix', '--helper'],
])
const OF_EVERY_RULE = new Set(['-s', '-d', '-i', '-o', '-p', '-f'])

function optionsOf(text: string): Option[] {
  const words = tokens(text)
  const options: Option[] = []
  let module = ''
  let from = 0
  for (let i = 0; i < words.length; ) {
    const negated = words[i]?.value === '!'
    if (negated) i++
    const name = words[i++]?.value ?? ''
    const first = i
    if (HAS_VALUE.has(name)) i++
    while (i < words.length && !beginsOption(words[i])) i++
    const values = words.slice(first, i).map(({ value }) => value)
    if (name === '-m' || isJump({ name })) module = values[0] ?? ''
    // One blank separates options; what there is beyond it is of the option before.
    const next = words[i]?.start ?? text.length + 1
    options.push({
      text: text.slice(from, next - 1),
      module: OF_EVERY_RULE.has(name) ? '' : module,
      name,
      negated,
      values,
    })
    from = next
  }
  return options
}

function beginsOption(word: { value: string; quoted: boolean } | undefined): boolean {
  if (word === undefined || word.quoted) return false
  return word.value === '!' || (word.value.startsWith('-') && /^--?[A-Za-z]/.test(word.value))
}

function isJump({ name }: { name: string }): boolean {
  return name === '-j' || name === '-g'
}
