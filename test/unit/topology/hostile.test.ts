import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidTopology } from '../../../src/model/diagnostic.ts'
import { escapeText } from '../../../src/model/text/escape.ts'
import { renderDiagnostics } from '../../../src/render/diagnostics.ts'
import { loadTopology } from '../../../src/topology/load.ts'

const MIB = 1024 * 1024

/** Of processor time: far above what any of these takes, far below what they took before there were limits. */
const PATIENCE_MS = 30_000

function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function codesOf(text: string): string[] {
  const start = processorTime()
  try {
    loadTopology(text, 'hostile.yaml', {})
    return []
  } catch (error) {
    if (!(error instanceof InvalidTopology)) throw error
    const printed = renderDiagnostics(error.diagnostics, 'text')
    expect(escapeText(printed.replaceAll('\n', ' '))).toBe(printed.replaceAll('\n', ' '))
    expect(printed.length).toBeLessThan(2 * MIB)
    return [...new Set(error.diagnostics.map(({ code }) => code))]
  } finally {
    expect(processorTime() - start).toBeLessThan(PATIENCE_MS)
  }
}

const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
].join('\n')

test.each([
  ['a bomb of aliases', bomb, 'alias-bomb'],
  ['more than 8 MiB', `name: flask\n${' '.repeat(8 * MIB)}`, 'file-too-large'],
  ['more than 8 MiB of two bytes each', `# ${'ä'.repeat(5 * MIB)}`, 'file-too-large'],
  ['8 MiB of commas', `uplinks: [${'1,'.repeat(4 * MIB - 10)}]`, 'file-too-large'],
  ['8 MiB of brackets', '['.repeat(8 * MIB), 'file-too-large'],
  ['8 MiB of ends', '}'.repeat(8 * MIB), 'file-too-large'],
  ['half a million brackets', '['.repeat(500_000), 'nested-too-deep'],
  ['a line of dashes, which aborts the parser', `name: flask\n${'- '.repeat(100_000)}x`, 'nested-too-deep'],
  ['deep keys', '? '.repeat(50_000), 'nested-too-deep'],
  ['a staircase', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested-too-deep'],
  ['a wide indentation', `name:\n${' '.repeat(100_000)}flask`, 'nested-too-deep'],
  ['a hundred thousand mistakes', `uplinks: [${'1,'.repeat(100_000)}]`, 'unquoted-name'],
  ['a hundred thousand equal keys', 'a: 1\n'.repeat(100_000), 'duplicate-key'],
  ['a hundred thousand open quotes', 'a: "\n'.repeat(100_000), 'yaml-syntax'],
  ['tags on tags', '!a '.repeat(100_000), 'yaml-syntax'],
  ['anchors on anchors', '&a '.repeat(100_000), 'yaml-syntax'],
  ['directives', '%a\n'.repeat(100_000), 'yaml-syntax'],
  ['what is not UTF-8', 'name: fl\ufffdsk', 'not-utf8'],
  ['half a surrogate pair', 'name: fl\ud800sk', 'control-character'],
  ['NUL', 'name: flask\0', 'control-character'],
  ['bidi in a comment', 'name: flask # \u202e', 'control-character'],
  ['a lone carriage return', 'name: flask\ruplinks: []', 'control-character'],
  ['escape in a variable of the environment', 'name: ${X}', 'unset-variable'],
])('%s', (_, text, code) => {
  expect(codesOf(text)).toContain(code)
})

test('a prototype cannot be reached', () => {
  const codes = codesOf(
    'name: flask\n__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }',
  )
  expect(codes).toEqual(['unknown-key'])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('names of the prototype are names like any other', () => {
  const text = `
name: flask
subnets: { constructor: 10.0.0.0/24 }
namespaces: { toString: {}, hasOwnProperty: {} }
veths: [{ subnet: constructor, ends: [host, toString] }]
forwards: [{ listen: 80, to: toString }]`
  const { topology } = loadTopology(text, 'hostile.yaml', {})
  expect(topology.forwards[0]?.target.namespace).toBe('toString')
  expect(codesOf(text.replace('to: toString', 'to: valueOf'))).toEqual(['unknown-namespace'])
})

test('a value from the environment is a value, never YAML', () => {
  const { topology } = loadTopology('name: flask\naccept: ["a:${X}"]', 'f.yaml', { X: '}],"uplinks:[ens5]' })
  expect(topology.accept).toEqual(['a:}],"uplinks:[ens5]'])
  expect(() => loadTopology('name: "${X}"', 'f.yaml', { X: 'a\u001b[2J' })).toThrow(InvalidTopology)
})

test('many published ports are compared in no time', () => {
  const ports = Array.from({ length: 20_000 }, (_, i) => `  - { listen: ${i + 1}, to: a }`).join('\n')
  const head =
    'name: f\nnamespaces: { a: {} }\nsubnets: { s: 10.0.0.0/24 }\nveths: [{ subnet: s, ends: [host, a] }]\n'
  expect(codesOf(`${head}forwards:\n${ports}\n`)).toEqual([])
})

const fragments = fc.constantFrom(
  'name: flask',
  'uplinks: [ens5]',
  'subnets:',
  '  web: 10.0.0.0/24',
  '  web: { cidr: 10.0.0.0/24,',
  'namespaces:',
  '  a: {}',
  '  a:',
  'veths:',
  '  - { subnet: web, ends: [host, a] }',
  '  - ends: [host]',
  'forwards:',
  '  - { listen: 80, to: a }',
  '  - {',
  '[',
  ']',
  '}',
  '&x',
  '*x',
  '<<: *x',
  '!!str',
  '"',
  "'",
  '|',
  '>',
  '---',
  '...',
  '%YAML 1.1',
  '${X}',
  '\t',
  '\u0007',
  '- - -',
  '? ',
  ': ',
  '#',
  '007',
  '1e999',
  '.inf',
  '~',
  'é',
  '😀',
)

test('whatever the file, it is valid or it is said why', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fragments, fc.string()), { maxLength: 25 }),
      fc.constantFrom('\n', ' ', '\r\n'),
      (parts, glue) => {
        codesOf(parts.join(glue))
      },
    ),
    { numRuns: 500 },
  )
})
