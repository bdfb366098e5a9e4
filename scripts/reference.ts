/** What the file reference uses of a JSON Schema. */
export interface SchemaNode {
  title?: string
  description?: string
  type?: string | string[]
  $ref?: string
  $defs?: Record<string, SchemaNode>
  properties?: Record<string, SchemaNode>
  required?: string[]
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
  anyOf?: SchemaNode[]
  enum?: string[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  minimum?: number
  maximum?: number
  patternErrorMessage?: string
}

/** Objects of the format with the place where they stand, in reading order. */
const SECTIONS: [heading: string, definition: string][] = [
  ['`subnets.<name>`', 'subnet'],
  ['`namespaces.<name>`', 'namespace'],
  ['`routes[]` of a namespace, and of `host`', 'route'],
  ['`veths[]`', 'veth'],
  ['`ends[]` of a veth pair', 'endObject'],
  ['`forwards[]`', 'forward'],
  ['`to` of a forward', 'target'],
  ['`allow[]`', 'allow'],
  ['`host`', 'host'],
  ['`expect[]`', 'expectation'],
]

/** Renders the reference of the topology file from the schema's own descriptions. */
export function renderReference(
  schema: SchemaNode,
  smallest: string,
  codes: Record<string, string>,
  notice: string,
): string {
  const sections = SECTIONS.flatMap(([heading, name]) => {
    const definition = schema.$defs?.[name]
    return definition ? [`## ${heading}`, section(definition, schema)] : []
  })
  return `${[
    `<!-- ${notice} -->`,
    '# The topology file',
    schema.description,
    'Keys that are not listed here are errors. Names that YAML reads as something else (`007`, `1e3`, `true`) go in quotes.',
    '## The smallest useful file',
    `\`\`\`yaml\n${smallest.trimEnd()}\n\`\`\``,
    '## Top level',
    section({ ...schema, description: '', examples: [] }, schema),
    ...sections,
    '## Names and values',
    names(schema),
    '## Codes of diagnostics',
    'Each stands in brackets behind `error` or `warning`, and is stable: scripts may match on it.',
    table(
      ['code', 'summary'],
      Object.entries(codes).map(([code, summary]) => [`\`${code}\``, summary]),
    ),
  ].join('\n\n')}\n`
}

function section(node: SchemaNode, schema: SchemaNode): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, property]) => {
    const required = node.required?.includes(key) ? ' **(required)**' : ''
    const value = [typeOf(property, schema), defaultOf(property)].filter(text => text !== '').join('; ')
    return [`\`${key}\`${required}`, value, property.description ?? '', exampleOf(property)]
  })
  const examples = (node.examples ?? []).map(example => `    ${flow(example)}`).join('\n')
  const parts = [
    node.description,
    table(['key', 'value', 'meaning', 'example'], rows),
    examples && `For example:\n\n${examples}`,
  ]
  return parts.filter(Boolean).join('\n\n')
}

function names(schema: SchemaNode): string {
  const simple = Object.values(schema.$defs ?? {}).filter(node => !node.properties)
  return table(
    ['value', 'meaning', 'examples'],
    simple.map(node => [
      node.title ?? '',
      node.description ?? '',
      (node.examples ?? []).map(one => `\`${flow(one)}\``).join(', '),
    ]),
  )
}

function typeOf(node: SchemaNode, schema: SchemaNode): string {
  if (node.$ref) {
    const target = schema.$defs?.[node.$ref.slice('#/$defs/'.length)]
    return target?.properties ? (target.title ?? '').toLowerCase() : target ? typeOf(target, schema) : ''
  }
  if (node.anyOf) return [...new Set(node.anyOf.map(branch => typeOf(branch, schema)))].join(', or ')
  if (node.enum) return node.enum.map(value => `\`${value}\``).join(', ')
  if (node.const !== undefined) return `\`${node.const}\``
  if (node.type === 'array' && node.items) return `list of: ${typeOf(node.items, schema)}`
  if (node.type === 'object' && typeof node.additionalProperties === 'object') {
    return `map of names to: ${typeOf(node.additionalProperties, schema)}`
  }
  if (node.type === 'integer' && node.minimum !== undefined) return `${node.minimum} to ${node.maximum}`
  if (node.type === 'string') return node.patternErrorMessage ?? 'text'
  return Array.isArray(node.type) ? node.type.join(' or ') : (node.type ?? '')
}

function defaultOf(node: SchemaNode): string {
  return node.default === undefined ? '' : `default \`${flow(node.default)}\``
}

function exampleOf(node: SchemaNode): string {
  const [first] = node.examples ?? []
  return first === undefined ? '' : `\`${flow(first)}\``
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** One line of YAML, as one would write it. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'string') return /[[\]{},]|: /.test(value) ? JSON.stringify(value) : value
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
