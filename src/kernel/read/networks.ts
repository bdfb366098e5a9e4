import { setImmediate as nextTurn } from 'node:timers/promises'
import { libcFor, type NetlinkChoice } from '../netlink/libc.ts'
import { type Quick, readByNetlink, readHostByNetlink } from '../netlink/read.ts'
import { settled } from '../process/lanes.ts'
import type { Run } from '../process/run.ts'
import { type RawNetwork, readHost, readNamespaces, type WantsRules6 } from './ip.ts'

export interface Networks {
  /** All that is in /run/netns. */
  names: string[]
  /** Those to be read. */
  asked: string[]
  /** Those that are known. */
  kept: Map<string, RawNetwork>
  ipv6: boolean
  wantsRules6: WantsRules6
}

/** The host's network and those of the namespaces: by netlink what that can tell, by `ip` the rest. */
export async function readNetworks(run: Run, choice: NetlinkChoice, wanted: Networks) {
  const { names, asked, kept, ipv6, wantsRules6 } = wanted
  const libc = libcFor(choice, asked.length + kept.size)
  // The tools that are asked of the firewall start meanwhile: nothing else happens while netlink is read.
  if (libc !== null) await nextTurn()
  const quick: Quick =
    libc === null
      ? { networks: new Map(), left: asked, hostIds: new Map() }
      : readByNetlink(libc, asked, wantsRules6)
  const [host, { networks, unreadable }] = await settled([
    (libc && readHostByNetlink(libc, quick, kept, ipv6)) ?? readHost(run, names.length > 0, ipv6),
    readNamespaces(run, quick.left, wantsRules6),
  ])
  return { host, networks: new Map([...quick.networks, ...networks]), unreadable }
}
