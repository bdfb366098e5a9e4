import { readFile, stat } from 'node:fs/promises'
import { nameOfTopology } from '../topology/load.ts'
import { type Context, Refused } from './context.ts'

/** Larger files are refused before they are read into memory. */
const LIMIT = 8 * 1024 * 1024

/** A file's text; throws Refused with the reason when it cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    const info = await stat(path)
    if (info.isDirectory()) throw new Refused(`${path}: is a directory, not a topology file`)
    // One byte over is enough for the loader to say that it is too large.
    if (info.size > LIMIT) return ' '.repeat(LIMIT + 1)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Refused) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new Refused(`${path}: ${code === 'ENOENT' ? 'no such file' : message}`)
  }
}

/** A topology's name: an argument with `/`, or that ends as YAML files do, is a file, from which only that is taken. */
export async function nameIn(target: string, { environment }: Pick<Context, 'environment'>): Promise<string> {
  return /\/|\.ya?ml$/.test(target) ? nameOfTopology(await readText(target), target, environment) : target
}
