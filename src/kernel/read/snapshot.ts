import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { FAMILIES } from '../../model/address.ts'
import type { NeededRoutes } from '../../model/host/needed-routes.ts'
import type { Claim, JournalHead, NamespaceState, Snapshot, Variant } from '../../model/host/snapshot.ts'
import { dictionary } from '../../model/text/lookup.ts'
import { hasPrivateMounts } from '../mounts.ts'
import type { NetlinkChoice } from '../netlink/libc.ts'
import { limited, settled } from '../process/lanes.ts'
import { requirePrivilege } from '../process/privilege.ts'
import type { Run } from '../process/run.ts'
import { type Earlier, keptFrom } from './earlier.ts'
import { readEtcNetns } from './etc-netns.ts'
import { readFirewall } from './firewall.ts'
import { byOneName, holdPipes, LEFTOVER, listNamespaces } from './in-namespaces.ts'
import { type HostNetwork, type RawNetwork, readNamespaceIds, readRates } from './ip.ts'
import { readListeners } from './listeners.ts'
import { readNetworks } from './networks.ts'
import { HOST, matchPeers, type Scope } from './peers.ts'
import { readProcesses } from './processes.ts'
import { readResolver } from './resolver.ts'
import { rules6Filter } from './rules6.ts'
import { readAllHostSysctls, readHostSysctls, readNamespaceSysctls } from './sysctls.ts'
import { wholeOutput } from './whole.ts'

export interface Wanted extends NetlinkChoice {
  /** Keys as below /proc/sys; the namespace `host` is the host. Those that do not exist are left out. */
  sysctls: { namespace: string; key: string }[]
  /** `auto`: what `iptables` stands for on this host. */
  variant: 'auto' | Variant
  /**
   * Namespaces whose IPv6 policy rules matter; absent: all. They cost a process for each namespace, as dear as all the
   * rest. In others they are still read where something hints at them: an interrupted apply, an adopted interface, several
   * of them, rules of IPv4, or IPv6 routes in a table of their own.
   */
  rules6?: string[]
  /** What is known already, so that only what nsctl has changed since is read again, and the host. */
  earlier?: Earlier | undefined
  /** Where there are very many routes, which of them matter; absent: all. */
  routes?: NeededRoutes | undefined
  /** Read every net.* sysctl everywhere. */
  everything?: boolean
}

/** What nsctl keeps in /run/nsctl, read by run-directory. */
export interface OwnRecords {
  claims: Claim[]
  journal: JournalHead | null
}

const LANES = 2

/**
 * Reads the live host. Throws NotPermitted without the capabilities for it, MissingTool, CommandFailed, and
 * GarbledOutput for a tool that printed something else than it should; a namespace that cannot be entered is no
 * error, it says so itself.
 */
export async function readSnapshot(run: Run, wanted: Wanted, records: OwnRecords): Promise<Snapshot> {
  requirePrivilege()
  const letGo = holdPipes()
  try {
    return await read(run, wanted, records)
  } finally {
    letGo()
  }
}

async function read(run: Run, wanted: Wanted, records: OwnRecords): Promise<Snapshot> {
  const lanes = limited(wholeOutput(run), LANES)
  const ipv6 = existsSync('/proc/sys/net/ipv6')
  const found = findNamespaces(wanted.earlier)
  const names = [...found.all.keys()]
  const wantsRules6 = ipv6 ? rules6Filter(wanted, isInterrupted(records)) : () => false
  const [{ host, networks, unreadable }, firewall, listeners, sysctls, allOfHost] = await settled([
    readNetworks(lanes, wanted, {
      ...found,
      names,
      ipv6,
      wants: { rules6: wantsRules6, routes: wanted.routes },
    }),
    readFirewall(lanes, wanted.variant, ipv6 ? FAMILIES : ['ipv4']),
    readListeners(lanes),
    readNamespaceSysctls(lanes, keysByNamespace(wanted, found.asked), wanted.everything ?? false),
    wanted.everything ? readAllHostSysctls(lanes) : null,
  ])
  await completeLinks(lanes, host, networks, found)
  return {
    formatVersion: '1.0',
    host: {
      kernel: release(),
      ipv6,
      ...readResolver(),
      ...plain(host),
      sysctls: allOfHost ?? hostSysctls(host, wanted),
      ...(hasPrivateMounts() ? { privateMounts: true as const } : {}),
    },
    namespaces: namespaceStates({ networks, sysctls, unreadable }, found, wanted.earlier),
    firewall,
    listeners,
    etcNetns: readEtcNetns(),
    ...records,
  }
}

/** When an apply reads back what it has done, the journal is its own. */
function isInterrupted({ journal }: OwnRecords): boolean {
  return journal !== null && journal.pid !== process.pid
}

/** The named namespaces of the host. */
interface FoundNamespaces {
  /** By name, with the reason why it cannot be entered, or null. */
  all: Map<string, string | null>
  readable: string[]
  /** The readable ones that are still as they were read before. */
  kept: Map<string, RawNetwork>
  /** The readable ones that are to be read now. */
  asked: string[]
}

function findNamespaces(earlier: Earlier | undefined): FoundNamespaces {
  const all = listNamespaces()
  const readable = [...all.keys()].filter(name => all.get(name) === null)
  const kept = keptFrom(earlier, readable)
  return { all, readable, kept, asked: readable.filter(name => !kept.has(name)) }
}

/** Adds what links only tell once all of them are known: the other ends of veth pairs, and rates. */
async function completeLinks(
  run: Run,
  host: HostNetwork,
  networks: Map<string, RawNetwork>,
  { kept, readable }: FoundNamespaces,
): Promise<void> {
  const fresh = new Map<Scope, RawNetwork>([[HOST, host], ...networks])
  await settled([
    matchPeers(new Map([...fresh, ...kept]), byOneName(host.ids, readable), async unclear => {
      const ids = await readNamespaceIds(run, unclear)
      return new Map([...ids].map(([name, known]) => [name, byOneName(known, readable)]))
    }),
    readRates(run, fresh),
  ])
}

function hostSysctls({ links, settings }: HostNetwork, { sysctls }: Wanted): Record<string, string> {
  const known = new Map(links.map(({ link }) => [link.name, settings?.get(link.name) ?? null]))
  const keys = sysctls.filter(({ namespace }) => namespace === 'host').map(({ key }) => key)
  return readHostSysctls(known, keys)
}

/** What was read inside the namespaces. */
interface Inside {
  networks: Map<string, RawNetwork>
  sysctls: Map<string, Record<string, string>>
  /** Namespaces that could not be entered, with the reason. */
  unreadable: Map<string, string>
}

function namespaceStates(
  { networks, sysctls, unreadable }: Inside,
  { all, readable, kept }: FoundNamespaces,
  earlier: Earlier | undefined,
): Record<string, NamespaceState> {
  const processes = readProcesses(readable)
  const keptSysctls = (name: string) => (kept.has(name) ? earlier?.snapshot.namespaces[name]?.sysctls : {})
  const stateOf = (name: string): NamespaceState => {
    const why = all.get(name) ?? unreadable.get(name)
    return {
      ...plain(networks.get(name) ?? kept.get(name) ?? NOTHING),
      sysctls: sysctls.get(name) ?? keptSysctls(name) ?? {},
      pids: processes.get(name) ?? [],
      ...(why === undefined ? {} : { unreadable: why }),
      ...(why === LEFTOVER ? { leftover: true } : {}),
    }
  }
  // One that cannot be entered may have been deleted while it was read.
  const present = unreadable.size === 0 ? all : listNamespaces()
  const names = [...all.keys()].filter(name => present.has(name))
  return dictionary(names.map(name => [name, stateOf(name)]))
}

const NOTHING: RawNetwork = { links: [], routes: [], rules: [] }

function plain({ links, routes, rules, routesLeftOut }: RawNetwork) {
  const known = { links: links.map(({ link }) => link), routes, rules }
  return routesLeftOut === undefined ? known : { ...known, routesLeftOut }
}

function keysByNamespace({ sysctls }: Wanted, names: string[]): Map<string, string[]> {
  const keys = new Map<string, string[]>(names.map(name => [name, []]))
  for (const { namespace, key } of sysctls) keys.get(namespace)?.push(key)
  return keys
}
