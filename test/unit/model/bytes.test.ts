import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBytes, encodeText } from '../../../src/model/text/bytes.ts'
import { escapeText } from '../../../src/model/text/escape.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array))
/** UTF-8, with one byte or another changed. */
const almost = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(40), fc.integer({ min: 0x80, max: 0xff }))
  .map(([text, at, byte]) => {
    const made = Buffer.from(text)
    if (at < made.length) made[at] = byte
    return made
  })

test('whatever the bytes, the text is theirs alone: they come back from it', () => {
  fc.assert(
    fc.property(fc.oneof(bytes, almost), one => {
      expect(Buffer.from(encodeText(decodeBytes(one))).equals(one)).toBe(true)
    }),
  )
})

test('UTF-8 is read as it is meant, beside bytes that are none', () => {
  const both = Buffer.concat([
    Buffer.from('größe 名 😀 '),
    Buffer.from([0x63, 0xe9, 0xff]),
    Buffer.from(' é'),
  ])
  expect(escapeText(decodeBytes(both))).toBe('größe 名 😀 c\\xe9\\xff é')
})

test('different bytes stay different texts', () => {
  const [a, b] = [0xe9, 0xe8].map(byte => decodeBytes(Buffer.from([0x63, byte])))
  expect(a).not.toBe(b)
})

test('the character that stands for what could not be decoded is shown as such', () => {
  expect(escapeText(decodeBytes(Buffer.from('a\ufffdb')))).toBe('a\\u{fffd}b')
})
