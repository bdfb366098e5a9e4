import { createColors } from 'picocolors'
import { expect, test } from 'vitest'
import type { Diagnostic } from '../../../src/model/diagnostic.ts'
import { renderDiagnostics } from '../../../src/render/diagnostics.ts'

const diagnostic: Diagnostic = {
  severity: 'error',
  code: 'unknown-namespace',
  summary: 'forward to a namespace that is not declared',
  source: { file: 'topology.yaml', line: 17, column: 25, length: 6 },
  line: '  - { listen: 6001, to: netns3:8080 }',
  notes: ['declared namespaces: netns1, netns2'],
}

test('as text, the way the reference shows it', () => {
  expect(renderDiagnostics([diagnostic], 'text')).toBe(
    `topology.yaml:17:25: error[unknown-namespace]: forward to a namespace that is not declared
   17 |   - { listen: 6001, to: netns3:8080 }
      |                         ^^^^^^
      = declared namespaces: netns1, netns2
`,
  )
})

test('in colour the same, once the colours are taken away', () => {
  const coloured = renderDiagnostics([diagnostic], 'text', createColors(true))
  expect(coloured).toContain('\u001b[31m')
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderDiagnostics([diagnostic], 'text'))
})

test('as JSON', () => {
  expect(JSON.parse(renderDiagnostics([diagnostic], 'json'))).toEqual({
    formatVersion: '1.0',
    diagnostics: [
      {
        code: 'unknown-namespace',
        severity: 'error',
        summary: 'forward to a namespace that is not declared',
        source: { file: 'topology.yaml', line: 17, column: 25, length: 6 },
        notes: ['declared namespaces: netns1, netns2'],
      },
    ],
  })
  expect(JSON.parse(renderDiagnostics([], 'json'))).toEqual({ formatVersion: '1.0', diagnostics: [] })
})

test('for GitHub, on one line and escaped', () => {
  const source = { ...diagnostic.source, file: 'a,b:c%.yaml' }
  expect(renderDiagnostics([{ ...diagnostic, source, notes: ['100%', 'a\nb'] }], 'github')).toBe(
    '::error file=a%2Cb%3Ac%25.yaml,line=17,col=25,title=unknown-namespace::' +
      'forward to a namespace that is not declared%0A100%25%0Aa\\u{a}b\n',
  )
})

test('nothing from the file reaches the terminal raw', () => {
  const line = `a\u001b[31m\u202e${'x'.repeat(50)}`
  const hostile = {
    ...diagnostic,
    line,
    notes: ['\u009b'],
    source: { ...diagnostic.source, file: '\u001b]0;x', column: 2, length: 3 },
  }
  const text = renderDiagnostics([hostile], 'text')
  expect(text).not.toMatch(/[\u001b\u009b\u202e]/)
  expect(text).toContain('\\u{1b}[31m')
})

test('a caret stands under its span in a long line, also with characters of two units', () => {
  const line = `${'😀 '.repeat(200)}here${' tail'.repeat(100)}`
  const long = { ...diagnostic, line, source: { ...diagnostic.source, column: 401, length: 4 } }
  const [, shown = '', carets = ''] = renderDiagnostics([long], 'text').split('\n')
  expect([...shown].slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1).join('')).toBe('here')
  expect([...shown].length).toBeLessThan(130)
})
