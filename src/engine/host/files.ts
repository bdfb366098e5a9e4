import { constants } from 'node:fs'
import { type FileHandle, open, readlink, stat } from 'node:fs/promises'
import { isTopologyName } from '../../model/ownership.ts'
import { escapeText } from '../../model/text/escape.ts'
import { nameOfTopology } from '../../topology/load.ts'
import type { HostAccess } from './access.ts'
import { InvalidName, UnusableFile } from './errors.ts'

/** One byte over is enough for the loader to say that it is too large. */
export const MOST_READ = 8 * 1024 * 1024 + 1

/** Enough for a saved plan, or a snapshot, of thousands of namespaces with all their settings. */
export const MOST_SAVED = 256 * 1024 * 1024

/**
 * A file's text, up to `most` bytes of it, which may depend on how it begins; throws UnusableFile when it cannot be read.
 *
 * @param wanted what the file should be, for the message
 */
export async function readText(
  path: string,
  most: number | ((head: string) => number) = MOST_READ,
  wanted = 'a topology file',
): Promise<string> {
  if (path === '') throw new UnusableFile('', `the name of ${wanted} is empty`)
  try {
    // A device may act on being opened alone.
    const info = await stat(path)
    if (info.isDirectory()) throw new UnusableFile(path, `is a directory, not ${wanted}`)
    if (!info.isFile() && !info.isFIFO()) throw new UnusableFile(path, 'is not a file')
    const blocking = info.isFIFO() && (await isOpenPipe(path))
    const file = await open(path, constants.O_RDONLY | (blocking ? 0 : constants.O_NONBLOCK))
    try {
      return await readBounded(file, most)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof UnusableFile) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new UnusableFile(path, code === 'ENOENT' ? 'no such file' : escapeText(message))
  }
}

/** `/dev/stdin` and `<(…)`: somebody writes to it and will end. A pipe in a directory may wait for ever. */
async function isOpenPipe(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if ((await readlink(`/proc/self/fd/${file.fd}`)).startsWith('pipe:')) return true
    throw new UnusableFile(path, 'is a pipe, not a file')
  } finally {
    await file.close()
  }
}

/** What a file says of its size need not be so: those of /proc have none, and some never end. */
async function readBounded(file: FileHandle, limit: number | ((head: string) => number)): Promise<string> {
  const chunks: Buffer[] = []
  let total = 0
  let most = typeof limit === 'number' ? limit : MOST_READ
  while (total < most) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(65_536, most - total)))
    if (bytesRead === 0) break
    if (total === 0 && typeof limit === 'function') most = limit(buffer.toString('utf8', 0, bytesRead))
    chunks.push(buffer.subarray(0, bytesRead))
    total += bytesRead
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * A topology's name. An argument with `/`, or that ends as YAML files do, is a file, from which only the name is taken.
 * Throws InvalidName, UnusableFile, or InvalidTopology.
 */
export async function nameIn(
  target: string,
  { environment }: Pick<HostAccess, 'environment'>,
): Promise<string> {
  if (/\/|\.ya?ml$/.test(target)) return nameOfTopology(await readText(target), target, environment)
  if (isTopologyName(target)) return target
  throw new InvalidName(target, ', or a file as ./FILE')
}
