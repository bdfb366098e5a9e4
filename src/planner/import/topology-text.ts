import type { Json } from '../../model/plan/resource.ts'
import { escapeText } from '../../model/text/escape.ts'

interface Entry {
  section: string
  about: string
  name?: string
  value: Json
  below?: { key: string; items: { about: string; value: Json }[] }
  comment?: string
}

interface Content {
  name: string
  uplinks: string[]
  entries: readonly Entry[]
  replaced: readonly string[]
  notes: readonly string[]
}

/** A topology file, and what each of its lines is about, by line number from 1. */
export function renderTopology(
  { name, uplinks, entries, replaced, notes }: Content,
  head: readonly string[],
): { text: string; about: Map<number, string> } {
  const lines: string[] = [...head.map(comment), `name: ${scalar(name)}`]
  const about = new Map<number, string>()
  if (uplinks.length > 0) {
    lines.push(`uplinks: ${flow(uplinks)}`)
    about.set(lines.length, 'uplinks')
  }
  for (const section of new Set(entries.map(one => one.section))) {
    lines.push('', `${section}:`)
    for (const entry of entries.filter(one => one.section === section)) {
      for (const line of linesOf(entry)) {
        lines.push(line.text)
        about.set(lines.length, line.about)
      }
    }
  }
  if (replaced.length > 0) lines.push('', ...[REPLACED, ...replaced].map(comment))
  if (notes.length > 0)
    lines.push('', ...['Found, and not in this file: it stays as it is.', ...notes].map(comment))
  return { text: lines.map(line => `${line}\n`).join(''), about }
}

const REPLACED = 'Made by hand; once this is applied rules of nsctl stand in for these, and they can go:'

function linesOf({ about, name, value, below, comment: behind }: Entry): { text: string; about: string }[] {
  const end = behind === undefined ? '' : ` ${comment(behind)}`
  if (name === undefined) return [{ text: `  - ${flow(value)}${end}`, about }]
  const key = `  ${scalar(name)}:`
  if (!below) return [{ text: `${key} ${flow(value)}${end}`, about }]
  const settings = Object.entries(value ?? {}).map(([one, item]) => `    ${one}: ${flow(item)}`)
  return [
    ...[key, ...settings, `    ${below.key}:`].map(text => ({ text, about })),
    ...below.items.map(item => ({ text: `      - ${flow(item.value)}`, about: item.about })),
  ]
}

function comment(text: string): string {
  return `# ${escapeText(text)}`.trimEnd()
}

function flow(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(([key, item]) => `${scalar(key)}: ${flow(item)}`)
    return `{ ${pairs.join(', ')} }`
  }
  return typeof value === 'string' ? scalar(value) : String(value)
}

/** Without quotes only what YAML cannot read as anything but this text. */
function scalar(text: string): string {
  const plain =
    /^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9][A-Za-z0-9._-]*)?$/.test(text) ||
    /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(text)
  return plain && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text)
}
