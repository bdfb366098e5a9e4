import { readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { appliedTopologies, readApplied } from '../../kernel/records/records.ts'
import { type Diagnostic, InvalidTopology } from '../../model/diagnostic.ts'
import { escapeText } from '../../model/text/escape.ts'
import type { Topology } from '../../model/topology.ts'
import { accepting } from '../../topology/accepting.ts'
import { loadTogether, type Together, type TopologyText } from '../../topology/together.ts'
import type { HostAccess } from './access.ts'
import { UnusableFile } from './errors.ts'
import { readText } from './files.ts'

export async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found?.isDirectory() ?? false
}

/** Reads and loads every topology file of a directory. Throws UnusableFile where one of them cannot be read. */
export async function loadDirectory(path: string, environment: HostAccess['environment']): Promise<Together> {
  const files: TopologyText[] = []
  for (const name of topologyFilesIn(path)) {
    const file = join(path, name)
    files.push({ file, text: await readText(file) })
  }
  if (files.length === 0) throw new UnusableFile(path, 'no topology file in it (*.yaml, *.yml)')
  return loadTogether(files, environment)
}

/** `*.yaml` and `*.yml`; hidden ones belong to editors and other programs. */
export function isTopologyFile(name: string): boolean {
  return /^[^.].*\.ya?ml$/.test(name)
}

/** Those right in the directory, sorted. */
function topologyFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter(isTopologyFile).sort()
  } catch (error) {
    throw new UnusableFile(directory, `cannot be read: ${escapeText((error as Error).message)}`)
  }
}

/** A directory whose files can be applied together. */
export interface DirectoryUnit {
  topologies: Topology[]
  /** Names of topologies that were applied from this directory and have no file there any more. */
  removed: string[]
  /** Absolute path, as records name it. */
  directory: string
  warnings: Diagnostic[]
}

/** Throws InvalidTopology with all that is wrong with the files, or between them; UnusableFile. */
export async function readUnit(
  path: string,
  environment: HostAccess['environment'],
  accept: string[],
): Promise<DirectoryUnit> {
  const { diagnostics, topologies } = await loadDirectory(path, environment)
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new InvalidTopology(diagnostics)
  const directory = resolve(path)
  const names = topologies.map(({ topology }) => topology.name)
  return {
    topologies: topologies.map(({ topology }) => accepting(accept, topology)),
    removed: removedFrom(directory, names),
    directory,
    warnings: diagnostics,
  }
}

/** A file is only known to be gone where all that are there can be read: readUnit sees to that. */
function removedFrom(directory: string, present: string[]): string[] {
  return appliedTopologies().filter(
    name => !present.includes(name) && readApplied(name)?.directory === directory,
  )
}
