import { closeSync, constants, lstatSync, openSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { settled } from '../process/lanes.ts'
import { CommandFailed, type Run } from '../process/run.ts'
import { findTool, MissingTool } from '../process/tools.ts'
import { withUnlinkedFile } from '../write/unlinked-file.ts'

const DIRECTORY = '/run/netns'

/** Why there is none where `ip netns add` once made one: nothing is in such a file, and nobody can read it. */
export const LEFTOVER = 'it was unmounted'

/** What one command printed in one namespace, or why it could not be asked. */
export type NamespaceAnswer = { lines: string[] } | { unreadable: string }

/** A command for every namespace, and how to tell its answers apart in one stream. */
export interface NamespaceQuestion {
  command: string[]
  /** What the command needs in a file, whose path then takes the place of `{file}` in the command. */
  file?: string
  /** Lines that each run prints; null when it varies. Then each run begins with `first`. */
  lines: number | null
  /** Beginning of the line that each run, and no other line, begins with. */
  first?: string
  /** Exit codes besides 0 that are no failure. */
  accept?: number[]
}

/** Names in /run/netns, sorted, each with the reason why it is no namespace, or null. */
export function listNamespaces(): Map<string, string | null> {
  return new Map(namesIn(DIRECTORY).map(name => [name, whyNoNamespace(join(DIRECTORY, name))]))
}

/**
 * `ip` opens every entry to list them, and would wait at a pipe for somebody who writes to it: as long as this holds them
 * there is somebody. Returns what lets go of them.
 */
export function holdPipes(): () => void {
  const held = namesIn(DIRECTORY).flatMap(name => {
    try {
      const path = join(DIRECTORY, name)
      return statSync(path).isFIFO() ? [openSync(path, constants.O_RDWR | constants.O_NONBLOCK)] : []
    } catch {
      return []
    }
  })
  return () => {
    for (const descriptor of held) closeSync(descriptor)
  }
}

/** Namespaces by id under the names they are read by: `ip` may have found a link to one first. */
export function byOneName(ids: Map<number, string>, readable: string[]): Map<number, string> {
  const known = new Set(readable)
  if ([...ids.values()].every(name => known.has(name))) return ids
  const names = new Map(readable.map(name => [inodeOf(name), name]))
  return new Map(
    [...ids].map(([id, name]) => [id, known.has(name) ? name : (names.get(inodeOf(name)) ?? name)]),
  )
}

function inodeOf(name: string): number | null {
  return statSync(join(DIRECTORY, name), { throwIfNoEntry: false })?.ino ?? null
}

/** The arguments that make a command run in a namespace; `nsenter` makes no copy of all mounts, as `ip -n` does. */
export function entering(name: string, command: string[]): string[] {
  return [`--net=${DIRECTORY}/${name}`, ...command]
}

/**
 * Runs a command in each of the namespaces. To start a process from here costs some milliseconds, so two `xargs`
 * start them; the streams are cut by the number of lines. Should they not come out even, because a namespace went
 * away or cannot be entered, each is asked by itself. Throws CommandFailed when the command fails in a namespace
 * that can be entered.
 */
export async function askNamespaces(
  runner: Run,
  names: string[],
  question: NamespaceQuestion,
): Promise<Map<string, NamespaceAnswer>> {
  return withFile(runner, question, async (run, command) => {
    const half = Math.ceil(names.length / 2)
    const lanes = [names.slice(0, half), names.slice(half)].filter(lane => lane.length > 0)
    const answers = await settled(lanes.map(lane => askLane(run, lane, command, question)))
    return new Map(answers.flat())
  })
}

async function askLane(
  run: Run,
  names: string[],
  command: string[],
  question: NamespaceQuestion,
): Promise<[string, NamespaceAnswer][]> {
  const [only] = names
  if (only !== undefined && names.length === 1) return [[only, await askOne(run, only, command, question)]]
  const args = ['-0', '-I{}', pathOf('nsenter'), ...entering('{}', absolute(command))]
  // 123: one of them failed, 124: one exited with 255, which `ip` does at times.
  const { exitCode, stdout } = await run('xargs', args, { input: names.join('\0'), accept: [123, 124] })
  const parts = cut(stdout, question)
  const failed = exitCode === 124 || (exitCode === 123 && !question.accept)
  if (!failed && parts.length === names.length) {
    return names.map((name, i) => [name, { lines: parts[i] ?? [] }])
  }
  return settled(
    names.map(async name => [name, await askOne(run, name, command, question)] as [string, NamespaceAnswer]),
  )
}

async function askOne(
  run: Run,
  name: string,
  command: string[],
  question: NamespaceQuestion,
): Promise<NamespaceAnswer> {
  try {
    const { stdout, stderr } = await run('nsenter', entering(name, absolute(command)), {
      accept: question.accept ?? [],
    })
    if (stderr.startsWith('nsenter:')) return { unreadable: stderr.trim() }
    return { lines: cut(stdout, { ...question, lines: null })[0] ?? [] }
  } catch (error) {
    if (error instanceof CommandFailed && error.stderr.startsWith('nsenter:')) {
      return { unreadable: error.stderr.trim() }
    }
    throw error
  }
}

/** Cuts one stream into what each run printed. */
function cut(stdout: string, { lines: count, first }: NamespaceQuestion): string[][] {
  const lines = stdout.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const parts: string[][] = []
  lines.forEach((line, i) => {
    const begins = count !== null ? i % count === 0 : first === undefined ? i === 0 : line.startsWith(first)
    if (begins) parts.push([line])
    else parts.at(-1)?.push(line)
  })
  return count !== null && parts.at(-1)?.length !== count ? [] : parts
}

async function withFile<T>(
  run: Run,
  { command, file }: NamespaceQuestion,
  use: (run: Run, command: string[]) => Promise<T>,
): Promise<T> {
  if (file === undefined) return use(run, command)
  return withUnlinkedFile(run, file, (telling, path) =>
    use(
      telling,
      command.map(word => (word === '{file}' ? path : word)),
    ),
  )
}

function absolute([tool = '', ...args]: string[]): string[] {
  return [pathOf(tool), ...args]
}

export function pathOf(tool: string): string {
  const path = paths.get(tool) ?? findTool(tool)
  if (path === null) throw new MissingTool(tool)
  paths.set(tool, path)
  return path
}

/** Asked for each of thousands of batches. */
const paths = new Map<string, string>()

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch {
    return []
  }
}

/**
 * A namespace is a file of the kernel's nsfs mounted there; what is left after a umount is an empty plain file. A link to
 * one is another name for it: what is in there would be counted twice, and deleted by the wrong name.
 */
function whyNoNamespace(path: string): string | null {
  try {
    const found = lstatSync(path)
    if (found.isSymbolicLink()) return 'it is a symbolic link'
    const { mode, size, dev } = found
    if (found.isFile() && (mode & 0o777) === 0 && size === 0 && dev === statSync(DIRECTORY).dev)
      return LEFTOVER
    return dev === statSync('/proc/self/ns/net').dev ? null : 'it is no mounted namespace'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
