import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { FAMILIES } from '../../model/address.ts'
import type { Claim, JournalHead, NamespaceState, Snapshot, Variant } from '../../model/host/snapshot.ts'
import { readMark } from '../../model/ownership.ts'
import { dictionary } from '../../model/text/lookup.ts'
import type { NetlinkChoice } from '../netlink/libc.ts'
import { limited, settled } from '../process/lanes.ts'
import { requirePrivilege } from '../process/privilege.ts'
import type { Run } from '../process/run.ts'
import { type Earlier, keptFrom } from './earlier.ts'
import { readEtcNetns } from './etc-netns.ts'
import { readFirewall } from './firewall.ts'
import { byOneName, holdPipes, LEFTOVER, listNamespaces } from './in-namespaces.ts'
import { type RawNetwork, readNamespaceIds, readRates } from './ip.ts'
import { readListeners } from './listeners.ts'
import { readNetworks } from './networks.ts'
import { HOST, matchPeers, type Scope } from './peers.ts'
import { readProcesses } from './processes.ts'
import { readResolver } from './resolver.ts'
import { readAllHostSysctls, readHostSysctls, readNamespaceSysctls } from './sysctls.ts'

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
  const lanes = limited(run, LANES)
  const ipv6 = existsSync('/proc/sys/net/ipv6')
  const names = listNamespaces()
  const readable = [...names.keys()].filter(name => names.get(name) === null)
  const kept = keptFrom(wanted.earlier, readable)
  const asked = readable.filter(name => !kept.has(name))

  const wantsRules6 = ipv6 ? rules6Filter(wanted, records) : () => false
  const [{ host, networks, unreadable }, firewall, listeners, sysctls, allOfHost] = await settled([
    readNetworks(lanes, wanted, { names: [...names.keys()], asked, kept, ipv6, wantsRules6 }),
    readFirewall(lanes, wanted.variant, ipv6 ? FAMILIES : ['ipv4']),
    readListeners(lanes),
    readNamespaceSysctls(lanes, keysByNamespace(wanted, asked), wanted.everything ?? false),
    wanted.everything ? readAllHostSysctls(lanes) : null,
  ])
  const fresh = new Map<Scope, RawNetwork>([[HOST, host], ...networks])
  await settled([
    matchPeers(new Map([...fresh, ...kept]), byOneName(host.ids, readable), async unclear => {
      const ids = await readNamespaceIds(lanes, unclear)
      return new Map([...ids].map(([name, known]) => [name, byOneName(known, readable)]))
    }),
    readRates(lanes, fresh),
  ])

  const processes = readProcesses(readable)
  // What cannot be entered may have gone while it was read.
  const present = unreadable.size === 0 ? names : listNamespaces()
  const stateOf = (name: string): NamespaceState => {
    const why = names.get(name) ?? unreadable.get(name)
    return {
      ...plain(networks.get(name) ?? kept.get(name) ?? NOTHING),
      sysctls:
        sysctls.get(name) ?? (kept.has(name) ? wanted.earlier?.snapshot.namespaces[name]?.sysctls : {}) ?? {},
      pids: processes.get(name) ?? [],
      ...(why === undefined ? {} : { unreadable: why }),
      ...(why === LEFTOVER ? { leftover: true } : {}),
    }
  }
  return {
    formatVersion: '1.0',
    host: {
      kernel: release(),
      ipv6,
      ...readResolver(),
      ...plain(host),
      sysctls:
        allOfHost ??
        readHostSysctls(
          new Map(host.links.map(({ link }) => [link.name, host.settings?.get(link.name) ?? null])),
          wanted.sysctls.filter(({ namespace }) => namespace === 'host').map(({ key }) => key),
        ),
    },
    namespaces: dictionary(
      [...names.keys()].filter(name => present.has(name)).map(name => [name, stateOf(name)]),
    ),
    firewall,
    listeners,
    etcNetns: readEtcNetns(),
    ...records,
  }
}

const NOTHING: RawNetwork = { links: [], routes: [], rules: [] }

function plain({ links, routes, rules }: RawNetwork) {
  return { links: links.map(({ link }) => link), routes, rules }
}

function rules6Filter({ rules6, everything }: Wanted, { journal }: OwnRecords) {
  // An apply's own journal, when it reads back what it has done, tells of no other that was interrupted.
  const interrupted = journal !== null && journal.pid !== process.pid
  const all = rules6 === undefined || everything === true || interrupted
  const named = new Set(rules6)
  return (name: string, network: RawNetwork) => all || named.has(name) || hintsAtRules(network)
}

function hintsAtRules({ links, routes, rules }: RawNetwork): boolean {
  return (
    links.length > 2 ||
    links.some(({ link }) => readMark(link.alias)?.adopted) ||
    rules.some(({ priority }) => !DEFAULT_RULES.includes(priority)) ||
    routes.some(({ family, table }) => family === 'ipv6' && table !== MAIN && table !== LOCAL)
  )
}

const MAIN = 254
const LOCAL = 255
/** Priorities of the rules that every namespace is born with. */
const DEFAULT_RULES = [0, 32766, 32767]

function keysByNamespace({ sysctls }: Wanted, names: string[]): Map<string, string[]> {
  const keys = new Map<string, string[]>(names.map(name => [name, []]))
  for (const { namespace, key } of sysctls) keys.get(namespace)?.push(key)
  return keys
}
