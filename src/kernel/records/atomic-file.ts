import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { encodeText } from '../../model/text/bytes.ts'
import { makePrivate, RUN_DIRECTORY, statOf } from './run-directory.ts'

const TEMPORARY = '.nsctl-'

/** What somebody who was killed while writing has left; the caller holds the lock, so that nobody is writing now. */
export function removeTemporaries(): void {
  for (const path of temporaries()) rmSync(path, { force: true })
}

/** Files that somebody is writing, or was when it was killed. */
export function temporaries(): string[] {
  const netns = '/etc/netns'
  const places = ['', 'journal', 'applied', 'watch'].map(name => join(RUN_DIRECTORY, name))
  const all = [...places, netns, ...entriesOf(netns).map(name => join(netns, name))]
  // Not through a link, to wherever it leads.
  return all
    .filter(directory => statOf(directory)?.isDirectory())
    .flatMap(place =>
      entriesOf(place)
        .filter(entry => entry.startsWith(TEMPORARY))
        .map(name => join(place, name)),
    )
}

/** A reader sees the old file or the new one, and after a crash one of the two is there. */
export function writeAtomically(path: string, content: string | Buffer, mode: number): void {
  const directory = dirname(path)
  makePrivate(directory)
  const temporary = join(directory, `${TEMPORARY}${randomBytes(6).toString('hex')}`)
  const file = openSync(temporary, 'wx', mode)
  try {
    // The umask may have taken bits away.
    fchmodSync(file, mode)
    // All of it or an error: a write alone may stop half-way on a full disk, and say so only by a number.
    writeFileSync(file, typeof content === 'string' ? encodeText(content) : content)
    fsyncSync(file)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  syncDirectory(directory)
}

export function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
