import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isTopologyFile } from '../../engine/directory.ts'
import { readText } from '../../engine/files.ts'
import { messageOf } from '../../model/escape.ts'
import { sha256 } from '../../model/sha256.ts'
import { accepting } from '../../topology/accepting.ts'
import { loadTogether, refusedFiles, type Together, type TopologyText } from '../../topology/together.ts'
import type { Reading, Version } from '../../watch/source.ts'
import type { Context } from '../context.ts'

/** Where a watcher has its topologies from. */
export interface Source {
  /** As records and messages name it; what was applied from it is known by that again. */
  name: string
  /** Reads it as it is now; never throws for what is wrong with it. */
  read(): Promise<Reading>
  /** Directories of which an entry's coming, going or changing may matter. */
  directories(): string[]
  /** Whether an entry of such a directory is one of its files. */
  concerns(directory: string, name: string): boolean
  /** Whether the end of a text is to be trusted. */
  whole: boolean
}

const NONE: Reading = { versions: [], broken: [], problem: null }

/** A file, or all topology files of a directory: whichever it is at the moment. */
export function openFiles(path: string, context: Context, accept: string[]): Source {
  const absolute = resolve(path)
  const read = async (): Promise<Reading> => {
    const texts: TopologyText[] = []
    const unread: Reading['broken'] = []
    try {
      for (const file of filesAt(absolute)) {
        try {
          texts.push({ file, text: await readText(file) })
        } catch (error) {
          unread.push({ file, name: null, why: messageOf(error).replace(`${file}: `, '') })
        }
      }
    } catch (error) {
      return { ...NONE, problem: messageOf(error) }
    }
    if (texts.length + unread.length === 0)
      return { ...NONE, problem: `${absolute}: no topology file in it (*.yaml, *.yml)` }
    const reading = readingOf(loadTogether(texts, context.environment), null, accept)
    return { ...reading, broken: [...unread, ...reading.broken] }
  }
  return {
    name: absolute,
    read,
    whole: false,
    directories: () => [
      ...new Set([isDirectory(absolute) ? absolute : dirname(absolute), dirname(absolute)]),
    ],
    concerns: (directory, name) =>
      (directory === absolute ? isTopologyFile(name) : name === basename(absolute)) || name === SWAPPED,
  }
}

/** From loaded texts; all that is wrong with a file in one line. */
export function readingOf(together: Together, commit: string | null, accept: string[]): Reading {
  const refused = refusedFiles(together)
  const whyOf = (file: string) => {
    const errors = together.diagnostics.filter(one => one.source.file === file && one.severity === 'error')
    const [first] = errors
    if (!first) return 'invalid'
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
    return `line ${first.source.line}: ${first.summary}: ${first.notes[0] ?? first.code}${more}`
  }
  return {
    versions: together.topologies
      .filter(({ file }) => !refused.has(file))
      .map(
        ({ topology, text, file }): Version => ({
          topology: accepting(accept, topology),
          text,
          file,
          sha256: sha256(text),
          commit,
        }),
      ),
    broken: [
      ...together.invalid,
      ...together.topologies
        .filter(({ file }) => refused.has(file))
        .map(({ file, topology }) => ({ file, name: topology.name })),
    ].map(({ file, name }) => ({ file, name, why: whyOf(file) })),
    problem: null,
  }
}

function filesAt(path: string): string[] {
  if (!isDirectory(path)) return [path]
  return readdirSync(path)
    .filter(isTopologyFile)
    .sort()
    .map(name => join(path, name))
}

/** A ConfigMap's files are links through this one, which is put in another's place when they change. */
const SWAPPED = '..data'

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
