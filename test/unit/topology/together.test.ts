import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderDiagnostics } from '../../../src/render/diagnostics.ts'
import { loadTogether, refusedFiles, type Together } from '../../../src/topology/together.ts'

/** A folder is a directory of topology files; diagnostics.txt is what is said of them. UPDATE=1 writes it anew. */
const FOLDER = new URL('../../together/', import.meta.url)

function together(name: string): Together {
  const folder = new URL(`${name}/`, FOLDER)
  const files = readdirSync(folder).filter(file => file.endsWith('.yaml'))
  return loadTogether(
    files.sort().map(file => ({ file, text: readFileSync(new URL(file, folder), 'utf8') })),
    {},
  )
}

test.each(readdirSync(FOLDER))('%s', name => {
  const golden = new URL(`${name}/diagnostics.txt`, FOLDER)
  const found = renderDiagnostics(together(name).diagnostics, 'text')
  if (process.env.UPDATE === '1') writeFileSync(golden, found)
  expect(found).toBe(readFileSync(golden, 'utf8'))
})

test('what is valid is loaded, beside what is not; a name that can be told is told', () => {
  const { topologies, invalid } = together('invalid')
  expect(topologies.map(({ file, topology }) => [file, topology.name])).toEqual([['a.yaml', 'one']])
  expect(invalid).toEqual([
    { file: 'b.yaml', name: 'two' },
    { file: 'c.yaml', name: null },
  ])
})

test('the later file of two is the one that is refused', () => {
  expect([...refusedFiles(together('conflicts'))]).toEqual(['b.yaml', 'c.yaml', 'e.yaml'])
})
