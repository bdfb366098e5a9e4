import { existsSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FEW_ROUTES } from '../../model/host/needed-routes.ts'
import { libcFor, type NetlinkChoice } from '../netlink/libc.ts'
import { type Quick, readByNetlink, readHostByNetlink } from '../netlink/read.ts'
import { settled } from '../process/lanes.ts'
import type { Run } from '../process/run.ts'
import { type RawNetwork, readHost, readNamespaces, type WantedOfNetworks } from './ip.ts'

export interface Networks {
  /** All that is in /run/netns. */
  names: string[]
  /** Those to be read. */
  asked: string[]
  /** Those that are known. */
  kept: Map<string, RawNetwork>
  ipv6: boolean
  wants: WantedOfNetworks
}

/** The host's network and those of the namespaces: by netlink what that can tell, by `ip` the rest. */
export async function readNetworks(run: Run, choice: NetlinkChoice, wanted: Networks) {
  const { names, asked, kept, ipv6, wants } = wanted
  const { routes } = wants
  const libc = libcFor(choice, hasManyRoutes() ? Number.POSITIVE_INFINITY : asked.length + kept.size)
  // The tools that are asked of the firewall start meanwhile: nothing else happens while netlink is read.
  if (libc !== null) await nextTurn()
  const quick: Quick =
    libc === null
      ? { networks: new Map(), left: asked, hostIds: new Map() }
      : readByNetlink(libc, asked, wants)
  const [host, { networks, unreadable }] = await settled([
    (libc && readHostByNetlink(libc, quick, kept, { ipv6, routes })) ??
      readHost(run, { ids: names.length > 0, ipv6, routes }),
    readNamespaces(run, quick.left, wants),
  ])
  return { host, networks: new Map([...quick.networks, ...networks]), unreadable }
}

/** Whether the host has so many routes that netlink pays; where the kernel keeps no count, it is not known. */
function hasManyRoutes(): boolean {
  try {
    const ipv4 = [...readFileSync('/proc/net/fib_triestat', 'utf8').matchAll(/Prefixes: +(\d+)/g)]
    return ipv4.reduce((sum, [, count]) => sum + Number(count), 0) + countOfIpv6() > FEW_ROUTES
  } catch {
    return false
  }
}

/** `fib_nodes route_nodes route_allocs route_entries …`, in hexadecimal. */
function countOfIpv6(): number {
  const path = '/proc/net/rt6_stats'
  return existsSync(path) ? Number.parseInt(readFileSync(path, 'utf8').split(' ')[3] ?? '0', 16) : 0
}
