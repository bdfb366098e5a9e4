/**
 * C0, DEL, C1, line separators, bidi controls, zero width, soft hyphen, tags, halves of surrogate pairs, and what stands for a character that
 * could not be decoded: what
 * could drive a terminal, reorder a line or hide in it.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffd\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu

/** Makes text from outside safe to print: every character that is not plainly visible becomes `\u{…}`, a byte that is none `\xe9`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, character => {
    const code = character.codePointAt(0) ?? 0
    return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code & 0xff).toString(16)}` : `\\u{${code.toString(16)}}`
  })
}

/** The same for text of several lines, which stay lines. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n')
}

/** JSON with the same characters as JSON's own escapes: who parses it reads the same, who looks at it is safe. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, found =>
    found === '\n'
      ? found
      : [...Array(found.length).keys()]
          .map(i => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`)
          .join(''),
  )
}

/** An error's message, safe to print: it may quote what a tool said. */
export function messageOf(error: unknown): string {
  return escapeLines(error instanceof Error ? error.message : String(error))
}
