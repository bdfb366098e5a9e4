import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * For tools that want a file where others read standard input. It is unlinked before use, so that not even a kill leaves
 * it behind, and read by its place in /proc.
 */
export async function withUnlinkedFile<T>(content: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(tmpdir(), `nsctl-${process.pid}-${process.hrtime.bigint()}`)
  const descriptor = openSync(path, 'wx+', 0o600)
  try {
    unlinkSync(path)
    writeSync(descriptor, content)
    return await use(`/proc/${process.pid}/fd/${descriptor}`)
  } finally {
    closeSync(descriptor)
  }
}
