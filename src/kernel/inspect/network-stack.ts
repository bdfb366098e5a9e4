import { FAMILIES, type Family } from '../../model/address.ts'
import { rulesetsOf } from '../../model/host/iptables.ts'
import type { NetworkStack, Ruleset } from '../../model/host/network-stack.ts'
import type { NetworkState, Snapshot, Variant } from '../../model/host/snapshot.ts'
import type { NftElement } from '../../model/nft/expression.ts'
import { loadLibc, type NetlinkChoice } from '../netlink/libc.ts'
import { isInSet } from '../netlink/set-element.ts'
import { settled } from '../process/lanes.ts'
import { CommandFailed, type Run } from '../process/run.ts'
import { readIfAny, readRuleset } from '../read/firewall.ts'
import { entering, pathOf } from '../read/in-namespaces.ts'
import { parseIptablesTables } from '../read/iptables/native-ruleset.ts'
import { readNamespaceListeners } from '../read/listeners.ts'
import { readNft, readNftElements } from '../read/nft.ts'
import { readNamespaceSysctls } from '../read/sysctls.ts'

/** What decides over a packet on the host itself, most of which a snapshot holds. */
export async function readHostStack(
  run: Run,
  { host, firewall, listeners }: Snapshot,
): Promise<NetworkStack> {
  return {
    name: 'host',
    network: host,
    rulesets: rulesetsOf(firewall),
    nft: await readNft(run),
    listeners,
  }
}

/** The same of a namespace; null where there is none of the name, or it cannot be entered. */
export async function readNamespaceStack(
  run: Run,
  name: string,
  snapshot: Snapshot,
): Promise<NetworkStack | null> {
  const state = snapshot.namespaces[name]
  if (!state || state.unreadable !== undefined) return null
  const within = inNamespace(run, name)
  try {
    const [rulesets, nft, listeners, sysctls] = await settled([
      readRulesets(within, snapshot.host.ipv6 ? FAMILIES : ['ipv4']),
      readNft(within),
      readNamespaceListeners(run, [name]),
      readNamespaceSysctls(run, new Map([[name, packetSysctls(state)]]), false),
    ])
    const network = { ...state, sysctls: { ...state.sysctls, ...sysctls.get(name) } }
    return { name, network, rulesets, nft, listeners: listeners.get(name) ?? [] }
  } catch (error) {
    if (error instanceof CommandFailed && error.stderr.startsWith('nsenter:')) return null
    throw error
  }
}

interface StackSet {
  place: string
  family: string
  table: string
  set: NamedSet
}

/**
 * The only element that matters where one address is asked for, or none; null where that cannot be told without all of
 * them.
 */
export function findStackElement(
  choice: NetlinkChoice,
  { place, family, table, set }: StackSet,
  address: string,
): NftElement[] | null {
  const libc = set.kind === 'set' && choice.reader !== 'ip' ? loadLibc(choice.program ?? '') : null
  const path = place === 'host' ? null : `/run/netns/${place}`
  const isIn = libc && isInSet(libc, path, { family, table, name: set.name }, address)
  if (isIn === null) return null
  return isIn ? [{ key: address }] : []
}

/** What is in a set or map of nftables; null where there is no such thing any more. */
export function readStackElements(
  run: Run,
  { place, family, table, set }: StackSet,
): Promise<NftElement[] | null> {
  const within = place === 'host' ? run : inNamespace(run, place)
  return readNftElements(within, { family, table, ...set })
}

type NamedSet = { kind: 'set' | 'map'; name: string }

function inNamespace(run: Run, name: string): Run {
  return (tool, args, options) => run('nsenter', entering(name, [pathOf(tool), ...args]), options)
}

/** Settings that decide whether a packet passes; of the host a snapshot always has them. */
function packetSysctls({ links }: NetworkState): string[] {
  return [
    'net/ipv4/icmp_echo_ignore_all',
    'net/ipv6/icmp/echo_ignore_all',
    'net/ipv6/conf/all/forwarding',
    'net/bridge/bridge-nf-call-iptables',
    'net/bridge/bridge-nf-call-ip6tables',
    ...['all', ...links.map(({ name }) => name)].flatMap(name => [
      ...['forwarding', 'rp_filter', 'route_localnet'].map(key => `net/ipv4/conf/${name}/${key}`),
      `net/ipv6/conf/${name}/force_forwarding`,
    ]),
  ]
}

/** Both variants: what is there of either is in force. */
async function readRulesets(within: Run, families: readonly Family[]): Promise<Ruleset[]> {
  const names = await within('cat', FAMILIES.map(legacyNames), { accept: [1] })
  // Asking legacy for a table that is not there would create it.
  const variants: Variant[] = names.stdout.trim() === '' ? ['nft'] : ['nft', 'legacy']
  const ruleset = await readRuleset(within)
  const nft = ruleset === null ? null : parseIptablesTables(ruleset)
  return settled(
    variants.map(async variant => {
      const of = async (family: Family) =>
        families.includes(family) ? (await readIfAny(within, { variant, family, nft })).tables : []
      const [ipv4, ipv6] = await settled([of('ipv4'), of('ipv6')])
      return { variant, ipv4, ipv6 }
    }),
  )
}

function legacyNames(family: Family): string {
  return `/proc/net/${family === 'ipv4' ? 'ip' : 'ip6'}_tables_names`
}
