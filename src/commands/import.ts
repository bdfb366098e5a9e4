import { InvalidTopology } from '../model/diagnostic.ts'
import { escapeText } from '../model/escape.ts'
import { isInterfaceName, isTopologyName } from '../model/ownership.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { importTopology } from '../planner/import/import.ts'
import { problemsOf } from '../planner/import/problems.ts'
import { planTopology } from '../planner/plan.ts'
import { defaultUplinks } from '../planner/resolve.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { renderTopology } from '../render/topology-yaml.ts'
import { loadTopology } from '../topology/load.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { USAGE } from './exit-codes.ts'
import { readLive } from './live.ts'

export interface ImportOptions extends HostOptions {
  name: string
  uplink: string[]
}

/** A topology file of what exists, whoever made it, on stdout. Reads only. */
export async function importHost(options: ImportOptions, context: Context): Promise<number> {
  const { name } = options
  if (!isTopologyName(name))
    throw new Refused(
      `${escapeText(name)}: no topology can have this name: at most 15 of a-z, 0-9 and -`,
      USAGE,
    )
  const snapshot = await readLive(context, options, name)
  if (topologiesOn(snapshot).includes(name))
    throw new Refused(`${name} is a topology of this host already: import under another --name`)
  const uplinks = options.uplink.length > 0 ? options.uplink : defaultUplinks(snapshot)
  requireLinks(uplinks, snapshot)
  context.write(fileOf(snapshot, name, uplinks))
  return 0
}

function requireLinks(uplinks: string[], { host }: Snapshot): void {
  const missing = uplinks.find(name => !isInterfaceName(name) || !host.links.some(link => link.name === name))
  if (missing !== undefined)
    throw new Refused(
      `uplink ${escapeText(missing)} does not exist; interfaces of this host: ${host.links.map(link => escapeText(link.name)).join(', ')}`,
    )
}

/**
 * What a file can say is tried against the host until its plan takes over and makes nothing: whatever would be made,
 * replaced, or refused is left out, and told in a comment.
 */
function fileOf(snapshot: Snapshot, name: string, uplinks: string[]): string {
  const leftOut = new Map<string, string[]>()
  for (;;) {
    const kept = leftOut.has('uplinks') ? uplinks.slice(0, 1) : uplinks
    const imported = importTopology(snapshot, name, kept, leftOut)
    const further = uplinks
      .slice(kept.length)
      .map(uplink => `uplink ${uplink}: ${leftOut.get('uplinks')?.join('; ')}`)
    const refusals = [...leftOut].flatMap(([key, [why = '']]) =>
      key.startsWith(REFUSAL) ? [`nsctl plan refuses this file as it is: ${why}`] : [],
    )
    const notes = [...refusals, ...imported.notes, ...further]
    const { text, about } = renderTopology({ ...imported, notes }, HEAD)
    const problems = problemsIn(text, snapshot).filter(({ subject }) => !leftOut.has(REFUSAL + subject))
    if (problems.length === 0) return text
    const before = leftOut.size
    for (const { line, code, why, subject } of problems) {
      const entry = entryOf(subject, about.get(line))
      if (code === 'accept') leftOut.set(`accept/${subject}`, [subject])
      else if (entry !== undefined && !leftOut.has(entry)) leftOut.set(entry, [why])
      // Of the topology as a whole: it is for whoever reads the file.
      else if (entry === undefined && !['changes', 'invalid'].includes(code))
        leftOut.set(REFUSAL + subject, [why])
    }
    if (leftOut.size === before) {
      const [first] = problems
      throw new Refused(`what exists cannot be taken over: ${escapeText(first?.why ?? '')}`)
    }
  }
}

/** A way back for each uplink is of all of them; a route is not its namespace. */
function entryOf(subject: string, about: string | undefined): string | undefined {
  if (/^(route|rule)\/host\//.test(subject)) return 'uplinks'
  return subject.startsWith('route/') && !about?.startsWith('veth/') ? subject : about
}

function problemsIn(text: string, snapshot: Snapshot) {
  try {
    return problemsOf(planTopology(loadTopology(text, FILE, {}).topology, snapshot))
  } catch (error) {
    if (!(error instanceof InvalidTopology)) throw error
    return error.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ source, summary, notes }) => ({
        line: source.line,
        code: 'invalid',
        subject: '',
        why: [summary, ...notes.slice(0, 1)].join(': '),
      }))
  }
}

const FILE = 'imported.yaml'

const REFUSAL = 'refusal/'

const HEAD = [
  'What exists on this host, as nsctl import has found it. Nothing is changed yet. nsctl plan shows what apply adds:',
  'its marks, its chains and settings of the host. What is adopted stays when nsctl destroys the topology.',
]
