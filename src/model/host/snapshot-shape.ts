import { nftRuleset } from '../nft/ruleset-shape.ts'
import * as shape from '../text/shape.ts'
import type { NextHop } from './next-hop.ts'
import type {
  Chain,
  Claim,
  Firewall,
  HostState,
  JournalHead,
  Link,
  Listener,
  NamespaceState,
  NativeJump,
  NativeRule,
  PolicyRule,
  Route,
  RoutesLeftOut,
  SavedSnapshot,
  Table,
  UnreadableTable,
} from './snapshot.ts'

const { text, number, boolean, list, record, nullable, optional, oneOf, object } = shape

const link = object<Link>({
  index: number,
  name: text,
  altnames: optional(list(text)),
  kind: nullable(text),
  up: boolean,
  mtu: number,
  mac: text,
  group: number,
  alias: nullable(text),
  master: nullable(text),
  peer: nullable(object<NonNullable<Link['peer']>>({ namespace: nullable(text), interface: nullable(text) })),
  addresses: list(
    object<Link['addresses'][number]>({
      address: shape.addressWithPrefix,
      scope: oneOf('global', 'link', 'host', 'site'),
      tentative: boolean,
    }),
  ),
  qdisc: nullable(object<NonNullable<Link['qdisc']>>({ kind: text, rate: nullable(number) })),
  hairpin: boolean,
})

const family = oneOf('ipv4', 'ipv6')

const flag = optional(boolean as shape.Shape<true>)

const route = object<Route>({
  family,
  to: shape.addressWithPrefix,
  via: nullable(shape.address),
  dev: nullable(text),
  table: number,
  protocol: number,
  metric: number,
  type: oneOf(
    'unicast',
    'local',
    'broadcast',
    'multicast',
    'blackhole',
    'unreachable',
    'prohibit',
    'throw',
    'anycast',
  ),
  source: nullable(shape.address),
  multipath: flag,
  hops: optional(
    list(object<NextHop>({ via: nullable(shape.address), dev: nullable(text), onlink: flag, dead: flag })),
  ),
  onlink: flag,
  from: optional(shape.addressWithPrefix),
  tos: optional(text),
})

const rule = object<PolicyRule>({
  family,
  priority: number,
  from: text,
  table: number,
  protocol: number,
  selector: record((value, place) => (typeof value === 'number' ? number(value, place) : text(value, place))),
})

const network = {
  links: list(link),
  routes: list(route),
  rules: list(rule),
  sysctls: record(text),
  routesLeftOut: optional(object<RoutesLeftOut>({ count: number, wholeFor: list(shape.addressWithPrefix) })),
}

const host = object<HostState>({
  ...network,
  kernel: text,
  ipv6: boolean,
  nameservers: list(text),
  search: list(text),
  loopbackResolver: boolean,
  privateMounts: optional(boolean as shape.Shape<true>),
})

const namespace = object<NamespaceState>({
  ...network,
  pids: list(object<NamespaceState['pids'][number]>({ pid: number, command: text })),
  unreadable: optional(text),
  leftover: optional(boolean as shape.Shape<true>),
})

const chain = object<Chain>({ name: text, policy: nullable(text), rules: list(text) })
const tables = list(object<Table>({ name: text, chains: list(chain) }))
const variant = oneOf('nft', 'legacy')

const ofNativeRule = {
  family,
  table: text,
  chain: text,
  handle: number,
  text,
  owner: nullable(text),
}
const nativeRule = object<NativeRule>(ofNativeRule)

const unreadable = object<UnreadableTable>({
  variant,
  family,
  table: text,
  why: text,
  culprits: list(nativeRule),
  jumps: list(object<NativeJump>({ ...ofNativeRule, to: text, own: boolean })),
})

const firewall = object<Firewall>({
  variant,
  version: text,
  ipv4: tables,
  ipv6: tables,
  other: object<Firewall['other']>({ variant, ipv4: tables, ipv6: tables }),
  foreignNft: list(
    object<Firewall['foreignNft'][number]>({
      family: text,
      table: text,
      chain: text,
      hook: text,
      policy: text,
    }),
  ),
  nft: optional(nftRuleset),
  unreadable: optional(list(unreadable)),
  native: optional(list(nativeRule)),
})

const listener = object<Listener>({
  protocol: oneOf('tcp', 'udp', 'sctp'),
  address: text,
  port: number,
  process: nullable(text),
})

const claim = object<Claim>({
  kind: oneOf('sysctl', 'policy', 'directory', 'address', 'route', 'rule'),
  scope: text,
  key: text,
  before: nullable(text),
  set: text,
  replaces: optional(text),
  allForwarding: nullable(text),
  holders: list(text),
})

const journal = object<JournalHead>({ topology: text, pid: number, startedAt: text, creates: list(text) })

/** What `nsctl snapshot` prints. */
export const snapshotShape = object<SavedSnapshot>({
  formatVersion: shape.formatVersion,
  host,
  namespaces: record(namespace),
  firewall,
  listeners: list(listener),
  etcNetns: record(nullable(text)),
  claims: list(claim),
  journal: nullable(journal),
  journals: list(journal),
})
