import { settle } from '../../../src/explain/drive.ts'
import { flowsNamed, type NamedFlow } from '../../../src/explain/endpoints.ts'
import { judge } from '../../../src/explain/judge.ts'
import type { Judgement } from '../../../src/explain/judgement.ts'
import { cidr, formatCidr, networkOf } from '../../../src/model/address.ts'
import type { NetworkStack } from '../../../src/model/host/network-stack.ts'
import type {
  Link,
  Listener,
  NetworkState,
  Route,
  Snapshot,
  Table,
} from '../../../src/model/host/snapshot.ts'
import { type NftRuleset, NO_NFT } from '../../../src/model/nft/ruleset.ts'

/** A host with a veth pair to the namespace `box`, and an uplink `wan` to nothing that is known. */
export interface World {
  /** Rules as `filter FORWARD -p tcp -j DROP`, or `policy filter FORWARD DROP`. */
  rules?: string[]
  sysctls?: Record<string, string>
  nft?: NftRuleset
  listeners?: Listener[]
  hostRules?: NetworkState['rules']
  routes?: Route[]
}

const FORWARDING = { 'net/ipv4/conf/wan/forwarding': '1', 'net/ipv4/conf/v0/forwarding': '1' }

export function judged(world: World, flow: Partial<NamedFlow>): Judgement {
  const places = placesOf(world)
  const snapshot = {
    host: places.host?.network,
    namespaces: { box: places.box?.network },
  } as unknown as Snapshot
  const named: NamedFlow = {
    ...{ protocol: 'tcp', from: 'outside', to: 'box:80', family: null, uplink: null, source: null },
    ...flow,
  }
  const flows = flowsNamed(named, snapshot)
  if (typeof flows === 'string') throw new Error(flows)
  const [first] = flows
  if (!first) throw new Error('no flow')
  return settle(
    judge(first, () => null),
    name => places[name] ?? null,
  )
}

function placesOf({ rules = [], sysctls, nft = NO_NFT, listeners, hostRules = [], routes = [] }: World) {
  const host: NetworkStack = {
    name: 'host',
    network: {
      links: [
        link('lo', '127.0.0.1/8'),
        link('wan', '203.0.113.10/24'),
        { ...link('v0', '10.0.0.1/24'), kind: 'veth', peer: { namespace: 'box', interface: 'v1' } },
      ],
      routes: [
        ...connected('lo', '127.0.0.1/8'),
        ...connected('wan', '203.0.113.10/24'),
        ...connected('v0', '10.0.0.1/24'),
        { ...route('0.0.0.0/0', 'wan'), via: '203.0.113.1' },
        ...routes,
      ],
      rules: hostRules,
      sysctls: { ...FORWARDING, ...sysctls },
    },
    rulesets: [{ variant: 'nft', ipv4: tablesOf(rules), ipv6: [] }],
    nft,
    listeners: [],
  }
  const box: NetworkStack = {
    name: 'box',
    network: {
      links: [
        link('lo', '127.0.0.1/8'),
        { ...link('v1', '10.0.0.2/24'), kind: 'veth', peer: { namespace: 'host', interface: 'v0' } },
      ],
      routes: [
        ...connected('lo', '127.0.0.1/8'),
        ...connected('v1', '10.0.0.2/24'),
        { ...route('0.0.0.0/0', 'v1'), via: '10.0.0.1' },
      ],
      rules: [],
      sysctls: {},
    },
    rulesets: [],
    nft: NO_NFT,
    listeners: listeners ?? [{ protocol: 'tcp', address: '*', port: 80, process: 'nginx (pid 7)' }],
  }
  return { host, box } as Record<string, NetworkStack>
}

function tablesOf(rules: string[]): Table[] {
  const tables = new Map<string, Table>()
  for (const text of rules) {
    const [, policy, table = '', chain = '', rest = ''] = /^(policy )?(\S+) (\S+) (.*)$/.exec(text) ?? []
    const found = tables.get(table) ?? { name: table, chains: [] }
    tables.set(table, found)
    let known = found.chains.find(({ name }) => name === chain)
    if (!known) {
      known = { name: chain, policy: BUILT_IN.includes(chain) ? 'ACCEPT' : null, rules: [] }
      found.chains.push(known)
    }
    if (policy) known.policy = rest
    else known.rules.push(rest)
  }
  return [...tables.values()]
}

const BUILT_IN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

function link(name: string, address: string): Link {
  return {
    ...{ index: 0, name, kind: null, up: true, mtu: 1500, mac: '', group: 0, alias: null, master: null },
    ...{ peer: null, qdisc: null, hairpin: false },
    addresses: [{ address, scope: name === 'lo' ? 'host' : 'global', tentative: false }],
  }
}

export function route(to: string, dev: string | null, rest: Partial<Route> = {}): Route {
  return {
    ...{ family: 'ipv4', to, via: null, dev, table: 254, protocol: 3, metric: 0, type: 'unicast' },
    ...{ source: null, ...rest },
  } as Route
}

function connected(dev: string, address: string): Route[] {
  const network = formatCidr(networkOf(cidr(address)))
  const own = dev === 'lo' ? network : address.replace(/\/.*/, '/32')
  const local = route(own, dev, { table: 255, type: 'local' })
  return dev === 'lo' ? [local] : [local, route(network, dev)]
}
