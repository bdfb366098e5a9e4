import { closeSync, constants, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeText } from '../../model/text/bytes.ts'
import type { Run } from '../process/run.ts'

/**
 * For tools that want a file where others read standard input. It is unlinked before use, so that not even a kill leaves
 * it behind, and read by its place in /proc. `use` is given a runner that logs what such a place held.
 */
export async function withUnlinkedFile<T>(
  run: Run,
  content: string,
  use: (run: Run, path: string) => Promise<T>,
): Promise<T> {
  return withUnlinkedFiles(run, [content], (telling, [path = '']) => use(telling, path))
}

export async function withUnlinkedFiles<T>(
  run: Run,
  contents: string[],
  use: (run: Run, paths: string[]) => Promise<T>,
): Promise<T> {
  const descriptors: number[] = []
  try {
    for (const content of contents) descriptors.push(unlinkedFile(content))
    const paths = descriptors.map(descriptor => `/proc/${process.pid}/fd/${descriptor}`)
    const files = Object.fromEntries(paths.map((path, i) => [path, contents[i] ?? '']))
    return await use((tool, args, options) => run(tool, args, { ...options, files }), paths)
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor)
  }
}

/** Never in the directory at all, where the file system can do that: a kill may come between making and unlinking. */
const NAMELESS = 0o20000000 | constants.O_DIRECTORY | constants.O_RDWR

function unlinkedFile(content: string): number {
  const descriptor = openNameless() ?? openUnlinked()
  try {
    writeFileSync(descriptor, encodeText(content))
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function openNameless(): number | null {
  try {
    return openSync(tmpdir(), NAMELESS, 0o600)
  } catch {
    return null
  }
}

function openUnlinked(): number {
  const path = join(tmpdir(), `nsctl-${process.pid}-${process.hrtime.bigint()}`)
  const descriptor = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return descriptor
}
