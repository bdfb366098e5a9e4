import { readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { appliedTopologies, readApplied } from '../kernel/records.ts'
import { InvalidTopology } from '../model/diagnostic.ts'
import { escapeText } from '../model/escape.ts'
import { renderDiagnostics } from '../render/diagnostics.ts'
import { accepting } from '../topology/accepting.ts'
import { loadTogether, type Together, type TopologyText } from '../topology/together.ts'
import { type Context, Refused } from './context.ts'
import { readText } from './files.ts'

export async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found?.isDirectory() ?? false
}

/** Reads and loads every topology file of a directory. Throws Refused where one of them cannot be read. */
export async function loadDirectory(path: string, environment: Context['environment']): Promise<Together> {
  const files: TopologyText[] = []
  for (const name of topologyFilesIn(path)) {
    const file = join(path, name)
    files.push({ file, text: await readText(file) })
  }
  if (files.length === 0) throw new Refused(`${escapeText(path)}: no topology file in it (*.yaml, *.yml)`)
  return loadTogether(files, environment)
}

/** `*.yaml` and `*.yml`; hidden ones are editors' and others' own. */
export function isTopologyFile(name: string): boolean {
  return /^[^.].*\.ya?ml$/.test(name)
}

/** Those right in the directory, sorted. */
function topologyFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter(isTopologyFile).sort()
  } catch (error) {
    throw new Refused(`${escapeText(directory)}: cannot be read: ${escapeText((error as Error).message)}`)
  }
}

/** A directory whose files can be applied together, and the topologies that were and have no file there any more. */
interface Unit extends Pick<Together, 'topologies'> {
  /** As records name it. */
  directory: string
  removed: string[]
}

/** Throws InvalidTopology with all that is wrong with the files, or between them; warnings are said. */
export async function readUnit(path: string, context: Context, accept: string[]): Promise<Unit> {
  const together = await loadDirectory(path, context.environment)
  const { diagnostics, topologies } = together
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new InvalidTopology(diagnostics)
  if (diagnostics.length > 0) context.say(renderDiagnostics(diagnostics, 'text', context.errorColors))
  const directory = resolve(path)
  return {
    topologies: topologies.map(one => ({
      ...one,
      topology: accepting(accept, one.topology),
    })),
    directory,
    removed: removedFrom(
      directory,
      topologies.map(({ topology }) => topology.name),
    ),
  }
}

/**
 * Topologies on record as applied from this directory whose file has gone. That a file has gone is only known where all
 * that are there can be read: readUnit sees to that.
 */
function removedFrom(directory: string, present: string[]): string[] {
  return appliedTopologies().filter(
    name => !present.includes(name) && readApplied(name)?.directory === directory,
  )
}
