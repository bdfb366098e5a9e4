import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRunDirectory, RUN_DIRECTORY } from './records.ts'
import type { Hold } from './run.ts'

/** Another nsctl is at work. */
export class Locked extends Error {
  constructor(holder: string) {
    super(`another nsctl holds the lock: ${holder}; wait for it, or wait longer with --lock-timeout`)
    this.name = 'Locked'
  }
}

/**
 * Takes the host-wide lock; the returned function gives it back. The kernel's own lock (flock), held by a child whose
 * input is a pipe from us: whatever becomes of nsctl, even SIGKILL, the child ends with it and the lock is free.
 */
export async function takeLock(hold: Hold, timeoutSeconds: number): Promise<() => Promise<void>> {
  openRunDirectory()
  const path = join(RUN_DIRECTORY, 'lock')
  const wait = timeoutSeconds === 0 ? ['--nonblock'] : ['--wait', String(timeoutSeconds)]
  const release = await hold('flock', ['--exclusive', '--no-fork', ...wait, path, 'cat'])
  if (release === null) throw new Locked(describeHolder(path))
  writeFileSync(path, `${process.pid} ${process.argv.slice(2).join(' ')}\n`)
  return async () => {
    writeFileSync(path, '')
    await release()
  }
}

function describeHolder(path: string): string {
  const [pid, ...command] = readFileSync(path, 'utf8').trim().split(' ')
  return pid ? `pid ${pid}${command.length > 0 ? ` (nsctl ${command.join(' ')})` : ''}` : 'pid unknown'
}
