import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote, tokens } from '../../../src/firewall/codec/tokens.ts'

describe('tokens', () => {
  it('undoes quote for any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), texts => {
        expect(words(texts.map(quote).join(' '))).toEqual(texts)
      }),
    )
    const nasty = fc.string({ unit: fc.constantFrom('"', '\\', "'", ' ', '\n', '-', 'a', '\t') })
    fc.assert(
      fc.property(fc.array(nasty), texts => {
        expect(words(texts.map(quote).join(' '))).toEqual(texts)
      }),
    )
  })

  it('leaves a backslash outside quotes alone', () => {
    expect(words('-s 10.0.0.0/8  a\\b "c\\"d"')).toEqual(['-s', '10.0.0.0/8', 'a\\b', 'c"d'])
  })

  it('takes a quote without an end for one up to the end', () => {
    expect(words('-m comment --comment "a b -j DROP')).toEqual(['-m', 'comment', '--comment', 'a b -j DROP'])
    expect(words('"a\\')).toEqual(['a\\'])
  })

  it('says where a word begins, and whether it has quotes', () => {
    expect(tokens('-i  "eth 0"')).toEqual([
      { value: '-i', quoted: false, start: 0 },
      { value: 'eth 0', quoted: true, start: 4 },
    ])
  })
})

function words(text: string): string[] {
  return tokens(text).map(({ value }) => value)
}
