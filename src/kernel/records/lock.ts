import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Hold } from '../process/long-lived.ts'
import { requirePrivilege } from '../process/privilege.ts'
import { removeTemporaries } from './atomic-file.ts'
import { tidyRunDirectory } from './records.ts'
import { lockFile } from './run-directory.ts'

/** Another nsctl is at work. */
export class Locked extends Error {
  /** Its pid and command line. */
  readonly holder: string

  constructor(holder: string) {
    super(`another nsctl holds the lock: ${holder}`)
    this.name = 'Locked'
    this.holder = holder
  }
}

/** With which flock says that somebody else has the lock; its own troubles have others. */
const CONFLICT = 1

/**
 * Takes the host-wide lock; the returned function gives it back. The kernel's own lock (flock), held by a child whose
 * input is a pipe from us: whatever becomes of nsctl, even SIGKILL, the child ends with it and the lock is free.
 */
export async function takeLock(hold: Hold, timeoutSeconds: number): Promise<() => Promise<void>> {
  requirePrivilege()
  const wait = timeoutSeconds === 0 ? ['--nonblock'] : ['--wait', String(timeoutSeconds)]
  for (;;) {
    const path = lockFile()
    writeFileSync(path, '', { flag: 'a', mode: 0o600 })
    const before = inodeOf(path)
    const held = await hold('flock', ['--exclusive', '--no-fork', ...wait, path, 'cat'])
    // Whoever leaves nothing behind takes the file away: then what was locked is no longer the lock.
    const isCurrent = before !== null && inodeOf(path) === before
    if (held.release === null && isCurrent) {
      if (held.exitCode === CONFLICT) throw new Locked(describeHolder(path))
      throw new Error(`cannot lock ${path}: ${held.why}`)
    }
    const { release } = held
    if (release !== null && isCurrent) {
      try {
        writeFileSync(path, `${process.pid} ${process.argv.slice(2).join(' ')}\n`)
        removeTemporaries()
      } catch (error) {
        await release()
        throw error
      }
      return async () => {
        try {
          writeFileSync(path, '')
          tidyRunDirectory()
        } catch {
          // What was done is done; whoever comes next tidies up.
        }
        await release()
      }
    }
    await release?.()
  }
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null
}

function describeHolder(path: string): string {
  const [pid, ...command] = readFileSync(path, 'utf8').trim().split(' ')
  return pid ? `pid ${pid}${command.length > 0 ? ` (nsctl ${command.join(' ')})` : ''}` : 'pid unknown'
}
