import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeText } from '../../../src/model/text/escape.ts'

test('what drives a terminal or reorders a line becomes visible', () => {
  expect(escapeText('a\u001b[31m\u202eb\u0085\u200bc\u{e0041}\ud800')).toBe(
    'a\\u{1b}[31m\\u{202e}b\\u{85}\\u{200b}c\\u{e0041}\\u{d800}',
  )
})

test('ordinary text stays as it is', () => {
  expect(escapeText('veth0 → größe 名 😀')).toBe('veth0 → größe 名 😀')
})

test('nothing escaped needs escaping again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(escapeText(escapeText(text))).toBe(escapeText(text))
    }),
  )
})
