import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Command lines of the processes that are in one of these namespaces, given as `net:[4026531840]`. */
export function processesIn(spaces: string[]): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => ['net', 'mnt', 'pid'].some(kind => spaces.includes(readSpace(pid, kind))))
    .map(pid => readOr(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '), pid))
}

/** What of the machine that the tests run on a private host must not change. */
export function machine(): object {
  return {
    namedNamespaces: readOr(() => readdirSync('/run/netns'), []),
    namespaceFiles: readOr(() => readdirSync('/etc/netns', { recursive: true }), []),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n'),
    links: readFileSync('/proc/self/net/dev', 'utf8')
      .split('\n')
      .map(line => line.split(':')[0]),
    forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    hostname: readFileSync('/proc/sys/kernel/hostname', 'utf8'),
  }
}

/** The identity of a process's namespace; empty where the process is gone or not ours to see. */
export function readSpace(pid: string | number, kind: string): string {
  return readOr(() => readlinkSync(`/proc/${pid}/ns/${kind}`), '')
}

function readOr<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
