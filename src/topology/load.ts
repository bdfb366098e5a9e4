import { type Diagnostic, InvalidTopology } from '../model/diagnostic.ts'
import { sha256 } from '../model/text/sha256.ts'
import type { Topology } from '../model/topology.ts'
import { addressEnds } from './check/addresses.ts'
import { readAllows } from './check/allows.ts'
import { chooseDefaultRoutes } from './check/default-routes.ts'
import { readPairs } from './check/ends.ts'
import { readExpectations } from './check/expectations.ts'
import { readForwards } from './check/forwards.ts'
import { readHostRoutes, readNamespaces } from './check/namespaces.ts'
import { readSubnets } from './check/subnets.ts'
import { readUplinks } from './check/uplinks.ts'
import { type Draft, draftOf, numbered } from './parse/draft.ts'
import { type Environment, interpolate } from './parse/interpolate.ts'
import { Report } from './parse/report.ts'
import { checkShape } from './parse/shape.ts'
import { checkText } from './parse/text.ts'
import type { Node } from './parse/tree.ts'
import { parseYaml } from './parse/yaml.ts'

export interface LoadedTopology {
  topology: Topology
  warnings: Diagnostic[]
}

/**
 * Turns the text of a topology file into a topology. Throws InvalidTopology with everything that is wrong with it,
 * sorted by place. Reads nothing but its arguments.
 */
export function loadTopology(text: string, file: string, env: Environment): LoadedTopology {
  const report = new Report(text, file)
  const draft = readDraft(text, env, report)
  const topology = draft && readTopology(draft, text)
  const diagnostics = report.sorted()
  if (!topology || report.failed) throw new InvalidTopology(diagnostics)
  return { topology, warnings: diagnostics }
}

/** The name alone, from a file that may be wrong in every other way: all that destroy needs. */
export function nameOfTopology(text: string, file: string, env: Environment = {}): string {
  const report = new Report(text, file)
  const root = checkText(text, report) ? parseYaml(text, report) : null
  const name = root?.kind === 'map' ? root.entries.get('name') : undefined
  if (!root || !name) throw new InvalidTopology(report.failed ? report.sorted() : missing(report))
  report.root = root
  const { line, column } = report.sourceOf(['name'])
  const mine = report.diagnostics.filter(({ source }) => source.line === line && source.column === column)
  report.diagnostics.splice(0, report.diagnostics.length, ...mine)
  interpolate(name.value, env, report)
  const alone: Node = { kind: 'map', span: root.span, entries: new Map([['name', name]]) }
  const shaped = checkShape(alone, report)
  if (!shaped || report.failed) throw new InvalidTopology(report.sorted())
  return shaped.file.name
}

function missing(report: Report): Diagnostic[] {
  report.errorAt('missing-key', [0, 0], 'expected the key name')
  return report.sorted()
}

function readDraft(text: string, env: Environment, report: Report): Draft | null {
  if (!checkText(text, report)) return null
  const root = parseYaml(text, report)
  if (!root) return null
  report.root = root
  interpolate(root, env, report)
  const shaped = checkShape(root, report)
  return shaped && draftOf(shaped.file, shaped.incomplete, root, report)
}

function readTopology(draft: Draft, text: string): Topology {
  const { file, report } = draft
  const pairs = readPairs(draft)
  const segments = readSubnets(draft, pairs)
  const veths = addressEnds(draft, pairs, segments)
  const namespaces = readNamespaces(draft, veths, segments)
  chooseDefaultRoutes(draft, pairs, veths, namespaces, segments)
  return {
    name: file.name,
    file: report.file,
    sha256: sha256(text),
    ...readUplinks(draft),
    subnets: [...segments.values()].map(({ subnet }) => subnet),
    namespaces,
    veths,
    forwards: readForwards(draft, veths, segments),
    allows: readAllows(draft),
    expects: readExpectations(draft),
    hostRoutes: readHostRoutes(draft, veths, segments),
    forwardPolicy: file.host?.['forward-policy'] ?? 'keep',
    accept: numbered(file.accept).map(([, text]) => text),
    source: report.sourceOf(['name']),
  }
}
