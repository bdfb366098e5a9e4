import type { Listener } from '../model/snapshot.ts'
import { entering, pathOf } from './in-namespaces.ts'
import type { Run } from './run.ts'

/** Sockets of the host that listen: TCP, UDP that is bound, and SCTP. */
export async function readListeners(run: Run): Promise<Listener[]> {
  const { stdout } = await run('ss', SOCKETS)
  return parseListeners(stdout)
}

/** The same inside namespaces, by name; those that cannot be entered are left out. */
export async function readNamespaceListeners(run: Run, names: string[]): Promise<Map<string, Listener[]>> {
  const found = await Promise.all(
    names.map(async (name): Promise<[string, Listener[]][]> => {
      const answer = await run('nsenter', entering(name, [pathOf('ss'), ...SOCKETS])).catch(() => null)
      return answer ? [[name, parseListeners(answer.stdout)]] : []
    }),
  )
  return new Map(found.flat())
}

const SOCKETS = ['-H', '-l', '-n', '-t', '-u', '-S', '-p']

/** `tcp LISTEN 0 511 192.0.2.1%eth0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6),…)`, one socket per line. */
export function parseListeners(text: string): Listener[] {
  return text.split('\n').flatMap(line => {
    const [protocol, , , , local = '', , ...rest] = line.trim().split(/\s+/)
    const place = /^\[?([^\]%]*)\]?(?:%[^:\]]+)?\]?:(\d+)$/.exec(local)
    if (!isProtocol(protocol) || place?.[1] === undefined) return []
    return [{ protocol, address: place[1], port: Number(place[2]), process: parseProcess(rest.join(' ')) }]
  })
}

function isProtocol(word: string | undefined): word is Listener['protocol'] {
  return word === 'tcp' || word === 'udp' || word === 'sctp'
}

/** The first of the processes that hold the socket; a name may hold anything, also quotes. */
function parseProcess(users: string): string | null {
  const match = /users:\(\("(.*?)",pid=(\d+),fd=\d+\)/.exec(users)
  return match ? `${match[1]} (pid ${match[2]})` : null
}
