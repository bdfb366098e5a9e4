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
