import { InvalidTopology } from '../model/diagnostic.ts'
import { isInterfaceName } from '../model/ownership.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { importTopology } from '../planner/import/import.ts'
import { problemsOf } from '../planner/import/problems.ts'
import { renderTopology } from '../planner/import/topology-text.ts'
import { planTopology } from '../planner/plan.ts'
import { defaultUplinks } from '../planner/resolve.ts'
import { topologiesOn } from '../planner/topologies.ts'
import { loadTopology } from '../topology/load.ts'
import { completeAccess, type HostOptions } from './access.ts'
import { readFor } from './read-host.ts'

export interface ImportSettings extends HostOptions {
  /** Interfaces that lead outside; default: those that carry a default route. */
  uplinks?: string[]
}

export type ImportOutcome =
  /** The text of a topology file. */
  | { kind: 'imported'; text: string }
  /** A topology of that name is on the host already. */
  | { kind: 'nameTaken' }
  | { kind: 'noSuchUplink'; uplink: string; present: string[] }
  /** What exists conflicts with every file that could be written. */
  | { kind: 'impossible'; why: string }

/**
 * Writes a topology file of what exists, whoever made it. Changes nothing. Throws where the host cannot be read.
 *
 * @param name of the topology to be
 */
export async function importHost(name: string, options: ImportSettings = {}): Promise<ImportOutcome> {
  const snapshot = await readFor({ name, topologies: [] }, completeAccess(options))
  if (topologiesOn(snapshot).includes(name)) return { kind: 'nameTaken' }
  const uplinks = options.uplinks ?? defaultUplinks(snapshot)
  const present = snapshot.host.links.map(link => link.name)
  const missing = uplinks.find(uplink => !isInterfaceName(uplink) || !present.includes(uplink))
  if (missing !== undefined) return { kind: 'noSuchUplink', uplink: missing, present }
  return fileOf(snapshot, name, uplinks)
}

/**
 * What a file can say is tried against the host until its plan takes over and makes nothing: whatever would be made,
 * replaced, or refused is left out, and told in a comment.
 */
function fileOf(snapshot: Snapshot, name: string, uplinks: string[]): ImportOutcome {
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
    if (problems.length === 0) return { kind: 'imported', text }
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
      return { kind: 'impossible', why: first?.why ?? '' }
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
