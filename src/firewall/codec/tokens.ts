/** A word of a rule, without its quotes. */
export interface Token {
  value: string
  quoted: boolean
  /** Index of its first character, a quote included. */
  start: number
}

/**
 * The words of a rule as iptables-restore takes them: blanks separate, double quotes hold together, a backslash
 * within quotes takes the next character as it is. Outside quotes a backslash is a character like any other.
 */
export function tokens(rule: string): Token[] {
  const found: Token[] = []
  let start = 0
  while (start < rule.length) {
    let quoted = false
    let end = start
    for (; end < rule.length && !isBlank(rule, end); end++) {
      if (rule[end] !== '"') continue
      quoted = true
      end = closingQuote(rule, end)
    }
    const word = rule.slice(start, end)
    if (word !== '') found.push({ value: quoted ? unquoted(word) : word, quoted, start })
    start = end + 1
  }
  return found
}

/** As iptables-save prints a text that somebody chose: in quotes when it holds anything but word characters. */
export function quote(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text.replace(/["\\']/g, '\\$&')}"`
}

function isBlank(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t'
}

/** Index of the quote that closes the one at `open`; that of the last character where none does. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length - 1
}

/** A quote may begin and end within a word. */
function unquoted(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)(?:"|(\\?)$)/gs, (_, inside: string, open = '') =>
    inside.replace(/\\(.)/gs, '$1').concat(open),
  )
}
