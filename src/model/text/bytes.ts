/**
 * Bytes of others as text: rules' comments, names and files need not be UTF-8. A byte that is not becomes half of a surrogate
 * pair, U+DC80 to U+DCFF, which no text has: so different bytes stay different, and can be written back. It is
 * shown as `\xe9`.
 */
export function decodeBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\ufffd')) return text
  return bytes.toString('latin1').split('\n').map(decodeLine).join('\n')
}

/** The bytes that a text was decoded from. */
export function encodeText(text: string): string | Buffer {
  if (!/[\udc80-\udcff]/u.test(text)) return text
  return Buffer.concat(
    text.split(/([\udc80-\udcff])/u).map(part => {
      const byte = /^[\udc80-\udcff]$/u.test(part) ? part.charCodeAt(0) & 0xff : null
      return byte === null ? Buffer.from(part) : Buffer.from([byte])
    }),
  )
}

/** Each byte a character, of which those above 0x7f are UTF-8 together, or none of it. */
function decodeLine(line: string): string {
  return line.replace(BEYOND_ASCII, found =>
    found.length === 1
      ? String.fromCharCode(0xdc00 + found.charCodeAt(0))
      : Buffer.from(found, 'latin1').toString('utf8'),
  )
}

/** One character of several bytes as RFC 3629 has it, or a byte that is part of none. */
const BEYOND_ASCII =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g
