import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { InvalidTopology } from '../../src/model/diagnostic.ts'
import { renderDiagnostics } from '../../src/render/diagnostics.ts'
import { loadTopology } from '../../src/topology/load.ts'
import { SUMMARIES } from '../../src/topology/parse/codes.ts'

const FOLDER = new URL('../invalid/', import.meta.url)
const cases = readdirSync(FOLDER).sort()

const ENVIRONMENT = { PORT: '6000', SUBNET: 'web1', ADDRESS: '192.168.7.9', HOME: '/root' }

/** What the loader says of a file. */
function diagnosticsOf(name: string): string {
  const text = readFileSync(new URL(`${name}/topology.yaml`, FOLDER), 'utf8')
  try {
    const { warnings } = loadTopology(text, 'topology.yaml', ENVIRONMENT)
    return renderDiagnostics(warnings, 'text')
  } catch (error) {
    if (!(error instanceof InvalidTopology)) throw error
    return renderDiagnostics(error.diagnostics, 'text')
  }
}

// UPDATE=1 writes the golden files anew; read the difference before committing it.
test.each(cases)('%s', name => {
  const golden = new URL(`${name}/diagnostics.txt`, FOLDER)
  const found = diagnosticsOf(name)
  if (process.env.UPDATE === '1') writeFileSync(golden, found)
  expect(found).not.toBe('')
  expect(found).toBe(readFileSync(golden, 'utf8'))
})

/** Those that a file in a repository cannot hold, or not reasonably; test/topology/hostile.test.ts has them. */
const ELSEWHERE = [
  'file-too-large',
  'not-utf8',
  'alias-bomb',
  // Between several files: test/topology/together.test.ts.
  'duplicate-topology',
  'duplicate-namespace',
  'group-clash',
]

test('every code has a case', () => {
  const all = cases.map(diagnosticsOf).join('\n')
  const missing = Object.keys(SUMMARIES).filter(
    code => !ELSEWHERE.includes(code) && !all.includes(`[${code}]`),
  )
  expect(missing).toEqual([])
})
