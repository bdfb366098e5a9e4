import { readFileSync } from 'node:fs'
import { isLoopback, parseAddress } from '../../model/address.ts'
import type { HostState } from '../../model/host/snapshot.ts'

type Resolver = Pick<HostState, 'nameservers' | 'search' | 'loopbackResolver'>

/** Where systemd-resolved lists the servers behind its own 127.0.0.53. */
const UPSTREAM = '/run/systemd/resolve/resolv.conf'

/** The name servers that a namespace could use in place of the host's. */
export function readResolver(): Resolver {
  return resolverOf(readOrEmpty('/etc/resolv.conf'), () => readOrEmpty(UPSTREAM))
}

/** A file without a server means 127.0.0.1, resolv.conf(5). */
export function resolverOf(own: string, upstream: () => string): Resolver {
  const configured = parseResolvConf(own)
  const nameservers = configured.nameservers.filter(isReachable)
  if (nameservers.length > 0) return { ...configured, nameservers, loopbackResolver: false }
  const behind = parseResolvConf(upstream())
  return {
    nameservers: behind.nameservers.filter(isReachable),
    search: configured.search.length > 0 ? configured.search : behind.search,
    loopbackResolver: true,
  }
}

/** resolv.conf(5): of several `search` or `domain` lines the last one counts. */
function parseResolvConf(text: string): { nameservers: string[]; search: string[] } {
  const lines = text.split('\n').map(line => line.trim().split(/\s+/))
  const nameservers = lines.flatMap(([key, value]) => (key === 'nameserver' && value ? [value] : []))
  const search = lines.findLast(([key]) => key === 'search' || key === 'domain')?.slice(1) ?? []
  return { nameservers, search: search.filter(domain => domain !== '.') }
}

/** Neither loopback nor tied to an interface of the host, as `fe80::1%eth0`. */
function isReachable(nameserver: string): boolean {
  const address = parseAddress(nameserver)
  return address !== null && !isLoopback(address)
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
