/** A tool that ended well but did not print what it prints: cut off, or not the tool it should be. */
export class GarbledOutput extends Error {
  constructor(command: string, why: string) {
    super(`${command}: ${why}`)
    this.name = 'GarbledOutput'
  }
}

/**
 * One JSON array per line, as `ip -j -batch` prints them, without the empty elements that stand for filtered-out
 * links. Exactly `count` of them, or the output was cut off.
 */
export function parseArrays(command: string, stdout: string, count: number): object[][] {
  const lines = stdout.split('\n').filter(line => line.trim() !== '')
  if (lines.length !== count) {
    throw new GarbledOutput(command, `printed ${lines.length} answers to ${count} questions`)
  }
  return lines.map(line => elements(command, parseJson(command, line)))
}

/** Parses what a tool printed as JSON; throws GarbledOutput naming the command. */
export function parseJson(command: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return JSON.parse(repair(text))
    } catch {
      throw new GarbledOutput(command, 'printed no valid JSON')
    }
  }
}

function elements(command: string, value: unknown): object[] {
  if (!Array.isArray(value)) throw new GarbledOutput(command, 'printed JSON that is no array')
  return value.filter(
    (element): element is object =>
      typeof element === 'object' && element !== null && Object.keys(element).length > 0,
  )
}

/** iproute2 writes control characters of names as they are, and a quote as `\'`; JSON knows neither. */
function repair(text: string): string {
  return text
    .replace(/\\(.)/g, (sequence, character: string) => (character === "'" ? "'" : sequence))
    .replace(
      /[\x00-\x09\x0b-\x1f]/g,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}
