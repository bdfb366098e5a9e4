import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Flow, parseFlow, STANDARD, type Written } from './flow.ts'

const FOLDER = fileURLToPath(new URL('rulesets', import.meta.url))

/** A file of `rulesets/`: rules that a real nft loads, and in comments before them what becomes of packets. */
export interface RulesetCase {
  name: string
  /** What nft loads. */
  text: string
  /** Commands that make what the rules are about. */
  setup: string
  /** Commands after rules and topology are there. */
  afterwards: string
  /** Whether the rules come after the topology is applied; by default they are there first. */
  later: boolean
  /** Whose the rules are, as explain should say; null: nobody knows. */
  owner: string | null
  /** What is written of them; null for those that are tried all the same. */
  flows: { flow: Flow; written: Written | null }[]
}

/** Those of one folder of `rulesets/`. */
export function rulesetsIn(folder: string): RulesetCase[] {
  return readdirSync(`${FOLDER}/${folder}`)
    .filter(file => file.endsWith('.nft'))
    .toSorted()
    .map(file => parse(file.replace('.nft', ''), readFileSync(`${FOLDER}/${folder}/${file}`, 'utf8')))
}

function parse(name: string, text: string): RulesetCase {
  const header = text.split('\n').flatMap(line => /^# ?(.*)$/.exec(line)?.[1] ?? [])
  const told = (key: string) =>
    header.flatMap(line => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []))
  const flows = new Map<string, { flow: Flow; written: Written }>()
  for (const line of [...STANDARD, ...header]) {
    const parsed = parseFlow(line)
    if (parsed?.written) flows.set(parsed.flow.text, { flow: parsed.flow, written: parsed.written })
    else if (/ -> | = (answered|dropped|refused)/.test(line)) throw new Error(`${name}: ${line}: is no flow`)
  }
  return {
    name,
    text,
    setup: told('setup').join('\n'),
    afterwards: told('then').join('\n'),
    later: told('loaded').includes('after the topology'),
    owner: told('owner')[0] ?? null,
    flows: [...flows.values()],
  }
}
