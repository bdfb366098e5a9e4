import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { FAMILIES } from '../model/address.ts'
import type { Claim, JournalHead, NamespaceState, Snapshot, Variant } from '../model/snapshot.ts'
import { listNamespaces } from './in-namespaces.ts'
import { limited } from './lanes.ts'
import { HOST, matchPeers, type Scope } from './peers.ts'
import { requirePrivilege } from './privilege.ts'
import { readEtcNetns } from './read-etc-netns.ts'
import { readFirewall } from './read-firewall.ts'
import { type RawNetwork, readHost, readNamespaceIds, readNamespaces, readRates } from './read-ip.ts'
import { readListeners } from './read-listeners.ts'
import type { RawLink } from './read-network.ts'
import { readProcesses } from './read-processes.ts'
import { readResolver } from './read-resolver.ts'
import { readHostSysctls, readNamespaceSysctls } from './read-sysctls.ts'
import type { Run } from './run.ts'

export interface Wanted {
  /** Keys as below /proc/sys; the namespace `host` is the host. Those that do not exist are left out. */
  sysctls: { namespace: string; key: string }[]
  /** `auto`: what `iptables` stands for on this host. */
  variant: 'auto' | Variant
  /** Read every net.* sysctl everywhere. */
  everything?: boolean
}

/** What nsctl keeps in /run/nsctl, read by run-directory. */
export interface Records {
  claims: Claim[]
  journal: JournalHead | null
}

const LANES = 2

/**
 * Reads the live host. Throws NotPermitted without the capabilities for it, MissingTool, CommandFailed, and
 * GarbledOutput for a tool that printed something else than it should; a namespace that cannot be entered is no
 * error, it says so itself.
 */
export async function readSnapshot(run: Run, wanted: Wanted, records: Records): Promise<Snapshot> {
  requirePrivilege()
  const lanes = limited(run, LANES)
  const ipv6 = existsSync('/proc/sys/net/ipv6')
  const names = listNamespaces()
  const readable = [...names.keys()].filter(name => names.get(name) === null)

  const [host, namespaces, firewall, listeners, sysctls] = await settled([
    readHost(lanes, names.size > 0, ipv6),
    readNamespaces(lanes, readable, ipv6),
    readFirewall(lanes, wanted.variant, ipv6 ? FAMILIES : ['ipv4']),
    readListeners(lanes),
    readNamespaceSysctls(lanes, keysByNamespace(wanted, readable), wanted.everything ?? false),
  ])
  const networks = new Map<Scope, RawNetwork>([[HOST, host], ...namespaces.networks])
  const links = new Map<Scope, RawLink[]>([...networks].map(([scope, network]) => [scope, network.links]))
  await settled([
    matchPeers(links, host.ids, asked => readNamespaceIds(lanes, asked)),
    readRates(lanes, networks),
  ])

  const processes = readProcesses(readable)
  const stateOf = (name: string): NamespaceState => {
    const network = namespaces.networks.get(name)
    const unreadable = names.get(name) ?? namespaces.unreadable.get(name)
    return {
      links: network?.links.map(({ link }) => link) ?? [],
      routes: network?.routes ?? [],
      rules: network?.rules ?? [],
      sysctls: sysctls.get(name) ?? {},
      pids: processes.get(name) ?? [],
      ...(unreadable === undefined ? {} : { unreadable }),
    }
  }
  return {
    formatVersion: '1.0',
    host: {
      kernel: release(),
      ipv6,
      ...readResolver(),
      links: host.links.map(({ link }) => link),
      routes: host.routes,
      rules: host.rules,
      sysctls: readHostSysctls(
        host.links.map(({ link }) => link.name),
        wanted.sysctls.filter(({ namespace }) => namespace === 'host').map(({ key }) => key),
        wanted.everything ?? false,
      ),
    },
    namespaces: Object.fromEntries([...names.keys()].map(name => [name, stateOf(name)])),
    firewall,
    listeners,
    etcNetns: readEtcNetns(),
    ...records,
  }
}

/** Like Promise.all, but no command is left running when one of them fails. */
async function settled<const T extends readonly Promise<unknown>[]>(promises: T) {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

function keysByNamespace({ sysctls }: Wanted, names: string[]): Map<string, string[]> {
  const keys = new Map<string, string[]>(names.map(name => [name, []]))
  for (const { namespace, key } of sysctls) keys.get(namespace)?.push(key)
  return keys
}
