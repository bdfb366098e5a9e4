import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { loadTopology } from '../../../src/topology/load.ts'

type Schema = { [key: string]: unknown; properties?: Record<string, Schema>; $defs?: Record<string, Schema> }

const schema: Schema = JSON.parse(
  readFileSync(new URL('../../../schemas/topology.schema.json', import.meta.url), 'utf8'),
)
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false })
ajv.addKeyword({ keyword: 'patternErrorMessage', schemaType: 'string' })
ajv.addSchema(schema, 'topology')

const parts: [string, Schema][] = [['', schema]]
for (const [name, definition] of Object.entries(schema.$defs ?? {}))
  parts.push([`/$defs/${name}`, definition])
for (const [path, part] of [...parts]) {
  for (const [key, property] of Object.entries(part.properties ?? {}))
    parts.push([`${path}/properties/${key}`, property])
}

test.each(parts)('%s explains itself, and its examples and default fit', (path, part) => {
  expect(part.title).toBeTypeOf('string')
  expect(part.description).toBeTypeOf('string')
  expect(part.examples).toSatisfy((examples: unknown[]) => examples.length > 0)
  const validate = ajv.compile({ $ref: `topology#${path}` })
  for (const value of [...(part.examples as unknown[]), ...('default' in part ? [part.default] : [])]) {
    expect(validate(value), `${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`).toBe(true)
  }
})

test('objects are closed, and keys are kebab-case', () => {
  for (const [path, part] of parts) {
    if (!part.properties) continue
    expect(part.additionalProperties, path).toBe(false)
    for (const key of Object.keys(part.properties)) expect(key).toMatch(/^[a-z]+(-[a-z]+)*$/)
  }
})

const EXAMPLES = new URL('../../../examples/', import.meta.url)

test.each(readdirSync(EXAMPLES).filter(name => name.endsWith('.yaml')))('examples/%s is valid', name => {
  const text = readFileSync(new URL(name, EXAMPLES), 'utf8')
  expect(loadTopology(text, name, {}).warnings).toEqual([])
})
