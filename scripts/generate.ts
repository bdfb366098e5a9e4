// Everything that follows from schemas/topology.schema.json: the types, the validator and the file reference; and the
// library's reference, which follows from what src/index.ts exports.
// `--check` compares instead of writing, and fails where something is out of date.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'
import { compile } from 'json-schema-to-typescript'
import { SUMMARIES } from '../src/topology/parse/codes.ts'
import { declarations } from './library/declarations.ts'
import { renderLibraryReference } from './library/reference.ts'
import { renderReference, type SchemaNode } from './reference.ts'

const SCHEMA = 'schemas/topology.schema.json'
const LIBRARY = 'src/index.ts'
const notice = (source: string) => `Generated from ${source} by npm run generate; do not edit.`

const schemaText = await readFile(SCHEMA, 'utf8')
const outdated: string[] = []

await put('src/topology/parse/file.ts', await types())
await put('src/topology/parse/validator.generated.js', validator())
const smallest = await readFile('examples/flask.yaml', 'utf8')
await put(
  'docs/reference/topology.md',
  renderReference(JSON.parse(schemaText) as SchemaNode, smallest, SUMMARIES, notice(SCHEMA)),
)
await put(
  'docs/reference/library.md',
  renderLibraryReference(await readFile(LIBRARY, 'utf8'), declarations(), notice(LIBRARY)),
)

if (outdated.length > 0) {
  console.error(`out of date: ${outdated.join(', ')}. Run: npm run generate`)
  process.exitCode = 1
}

async function put(path: string, content: string): Promise<void> {
  const current = await readFile(path, 'utf8').catch(() => null)
  if (current === content) return
  if (process.argv.includes('--check')) {
    outdated.push(path)
    return
  }
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

async function types(): Promise<string> {
  const schema = JSON.parse(schemaText)
  // The title would become the type's name, and every used definition a name of its own.
  const named = { ...schema, title: 'TopologyFile' }
  return compile(withoutTitles(named, true), 'TopologyFile', {
    bannerComment: `// ${notice(SCHEMA)}`,
    additionalProperties: false,
    format: true,
    style: { semi: false, singleQuote: true, printWidth: 110, trailingComma: 'all', arrowParens: 'avoid' },
  })
}

/** Titles are for editors; here the types are to bear the names of the definitions. */
function withoutTitles(node: unknown, root = false): Record<string, unknown> {
  if (Array.isArray(node)) return node.map(item => withoutTitles(item)) as never
  if (typeof node !== 'object' || node === null) return node as never
  const entries = Object.entries(node)
    .filter(
      ([key, value]) =>
        root || !(key === 'title' || key === 'examples' || key === 'default') || typeof value === 'object',
    )
    .filter(([key]) => root || key !== 'examples')
    .map(([key, value]) => [key, withoutTitles(value)])
  return Object.fromEntries(entries)
}

function validator(): string {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    strictTypes: false,
    code: { source: true, esm: true, lines: true },
    inlineRefs: false,
    messages: false,
  })
  ajv.addKeyword({ keyword: 'patternErrorMessage', schemaType: 'string' })
  const code = standalone(ajv, ajv.compile(JSON.parse(schemaText)))
  if (code.includes('require(')) throw new Error('the validator needs a module at run time')
  // ajv copies all errors found so far for every one that a reference adds: minutes for a file full of mistakes.
  const linear = code.replace(/^"use strict";/, '').replaceAll('vErrors.concat(', 'append(vErrors, ')
  return `// ${notice(SCHEMA)}\n${linear}\nfunction append(all, more) {\n  for (const one of more) all.push(one)\n  return all\n}\n`
}
