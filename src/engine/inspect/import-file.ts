import { InvalidTopology } from '../../model/diagnostic.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import { importTopology } from '../../planner/import/import.ts'
import { type Problem, problemsOf } from '../../planner/import/problems.ts'
import { renderTopology } from '../../planner/import/topology-text.ts'
import { planTopology } from '../../planner/plan.ts'
import { loadTopology } from '../../topology/load.ts'

/** What to import. */
interface Source {
  snapshot: Snapshot
  /** Of the topology to be. */
  name: string
  uplinks: string[]
}

/** What trying files against the host has shown. */
interface Lessons {
  /** Why an entry is left out, by what it is about. */
  leftOut: Map<string, string[]>
  /** Findings that the file accepts, as `code:subject`. */
  accepted: Set<string>
  /** Why the plan of every file is refused, by finding: the reader has to decide. */
  refusals: Map<string, string>
}

type FileOutcome = { kind: 'imported'; text: string } | { kind: 'impossible'; why: string }

/**
 * The topology file of what exists whose plan adopts it and creates nothing. Files are tried against the host: what would
 * be created, replaced or refused is left out of the next one, and explained in a comment.
 */
export function fittingFile(source: Source): FileOutcome {
  const lessons: Lessons = { leftOut: new Map(), accepted: new Set(), refusals: new Map() }
  for (;;) {
    const { text, about } = write(source, lessons)
    const problems = tried(text, source.snapshot).filter(({ subject }) => !lessons.refusals.has(subject))
    const [first] = problems
    if (!first) return { kind: 'imported', text }
    const before = sizeOf(lessons)
    for (const problem of problems) learn(problem, entryOf(problem, about), lessons)
    if (sizeOf(lessons) === before) return { kind: 'impossible', why: first.why }
  }
}

/** Returns which entry each line is about, too. */
function write({ snapshot, name, uplinks }: Source, { leftOut, accepted, refusals }: Lessons) {
  const kept = leftOut.has(UPLINKS) ? uplinks.slice(0, 1) : uplinks
  const imported = importTopology(snapshot, name, kept, { leftOut, accepted })
  const notes = [
    ...[...refusals.values()].map(why => `nsctl plan refuses this file as it is: ${why}`),
    ...imported.notes,
    ...uplinks.slice(kept.length).map(uplink => `uplink ${uplink}: ${leftOut.get(UPLINKS)?.join('; ')}`),
  ]
  return renderTopology({ ...imported, notes }, HEAD)
}

function tried(text: string, snapshot: Snapshot): Problem[] {
  try {
    return problemsOf(planTopology(loadTopology(text, 'imported.yaml', {}).topology, snapshot))
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

/** The entry that a problem is with; undefined where it is with the topology as a whole. */
function entryOf({ line, subject }: Problem, about: Map<number, string>): string | undefined {
  // Each uplink has its reply route because there are several.
  if (/^(route|rule)\/host\//.test(subject)) return UPLINKS
  const entry = about.get(line)
  // A route can go without the namespace whose line it is on.
  return subject.startsWith('route/') && !entry?.startsWith('veth/') ? subject : entry
}

function learn(
  { code, subject, why }: Problem,
  entry: string | undefined,
  { leftOut, accepted, refusals }: Lessons,
): void {
  if (code === 'accept') accepted.add(subject)
  else if (entry === undefined) {
    if (code !== 'changes' && code !== 'invalid') refusals.set(subject, why)
  } else if (!leftOut.has(entry)) leftOut.set(entry, [why])
}

function sizeOf({ leftOut, accepted, refusals }: Lessons): number {
  return leftOut.size + accepted.size + refusals.size
}

const UPLINKS = 'uplinks'

const HEAD = [
  'What exists on this host, as nsctl import has found it. Nothing is changed yet. nsctl plan shows what apply adds:',
  'its marks, its chains and settings of the host. What is adopted stays when nsctl destroys the topology.',
]
