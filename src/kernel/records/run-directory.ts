import { chmodSync, lstatSync, mkdirSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'

/** tmpfs: what is written here dies at reboot together with the kernel state that it describes. */
export const RUN_DIRECTORY = '/run/nsctl'

const RECORDS = ['journal', 'applied', 'watch'].map(name => join(RUN_DIRECTORY, name))

/** Makes the directory if need be; throws when something else stands in its place, or others may write to it. */
export function openRunDirectory(): void {
  makePrivate(RUN_DIRECTORY)
  for (const directory of [RUN_DIRECTORY, ...RECORDS]) if (statOf(directory) !== null) requireOwn(directory)
}

/** What is not there yet is made for this user alone, whatever the umask. */
export function makePrivate(directory: string): void {
  if (statOf(directory) !== null) return
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
}

function requireOwn(directory: string): void {
  const found = statOf(directory)
  const own = found?.isDirectory() && (found.mode & 0o077) === 0 && found.uid === process.getuid?.()
  if (!own)
    throw new Error(`${directory} is not a directory of this user's alone (0700): look at it, and remove it`)
}

/** A record is a plain file in a directory of root's alone: through a link it would be somebody else's. */
export function requireRecord(path: string): void {
  requireOwn(RUN_DIRECTORY)
  if (statOf(dirname(path)) !== null) requireOwn(dirname(path))
  const found = statOf(path)
  if (found !== null && !found.isFile())
    throw new Error(`${path} is not a plain file: look at it, and remove it`)
}

/** Of the thing itself, not of what it may link to; null where there is none, or none to be seen. */
export function statOf(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/** Opened by nobody before it is known that it is no link. */
export function lockFile(): string {
  openRunDirectory()
  const path = join(RUN_DIRECTORY, 'lock')
  requireRecord(path)
  return path
}
