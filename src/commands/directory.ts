import { readdirSync, realpathSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { appliedTopologies, readApplied } from '../kernel/records.ts'
import { escapeText } from '../model/escape.ts'
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

/** `*.yaml` and `*.yml` right in the directory, sorted; hidden ones are editors' and others' own. */
function topologyFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter(name => /^[^.].*\.ya?ml$/.test(name))
      .sort()
  } catch (error) {
    throw new Refused(`${escapeText(directory)}: cannot be read: ${escapeText((error as Error).message)}`)
  }
}

/**
 * Topologies on record as applied from this directory whose file has gone. None as long as that cannot be told for
 * sure: without any file at all, or with one that does not even tell its name, it may be the directory that is wrong.
 */
export function removedFrom(path: string, { topologies, invalid }: Together): string[] {
  if (topologies.length + invalid.length === 0) return []
  if (invalid.some(({ name }) => name === null)) return []
  const directory = recordedPath(path)
  const present = new Set([
    ...topologies.map(({ topology }) => topology.name),
    ...invalid.map(({ name }) => name),
  ])
  return appliedTopologies().filter(name => !present.has(name) && readApplied(name)?.directory === directory)
}

/** How records name a directory: absolute, links followed. */
export function recordedPath(path: string): string {
  return realpathSync(path)
}
