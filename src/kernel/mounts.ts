import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { isSeenBy } from '../model/host/mounts.ts'

const DIRECTORY = '/run/netns'

/**
 * Whether namespaces that are made now would end with this process's mount namespace: its mounts are not those of pid 1,
 * and what is mounted in /run/netns is not seen there. `unshare --mount` and PrivateMounts= do that, and so does
 * `ip netns exec`. A throw-away host has a network of its own besides, which nobody else knows: there all ends with it.
 */
export function hasPrivateMounts(): boolean {
  try {
    if (space('self', 'mnt') === space('1', 'mnt')) return false
    if (space('self', 'net') !== space('1', 'net') && !isNamed()) return false
    return !isSeenBy(mountsOf('self'), mountsOf('1'), DIRECTORY)
  } catch {
    // Whose mounts pid 1 has may not be seen without CAP_SYS_PTRACE.
    return false
  }
}

function space(pid: string, kind: 'mnt' | 'net'): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`)
}

function mountsOf(pid: string): string {
  return readFileSync(`/proc/${pid}/mountinfo`, 'latin1')
}

/** Whether this process is in a network namespace with a name. */
function isNamed(): boolean {
  const { dev, ino } = statSync('/proc/self/ns/net')
  return readdirSync(DIRECTORY).some(name => {
    const found = statSync(`${DIRECTORY}/${name}`, { throwIfNoEntry: false })
    return found?.dev === dev && found.ino === ino
  })
}
