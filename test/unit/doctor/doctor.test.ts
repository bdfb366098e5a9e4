import { describe, expect, test } from 'vitest'
import { examine } from '../../../src/doctor/all.ts'
import { vethMatches } from '../../../src/kernel/inspect/host-facts.ts'
import type { DoctorFacts } from '../../../src/model/host/facts.ts'
import type { Link, Route, Snapshot } from '../../../src/model/host/snapshot.ts'

const link = (name: string, group = 0): Link => ({
  index: 2,
  name,
  kind: null,
  up: true,
  mtu: 1500,
  mac: '',
  group,
  alias: null,
  master: null,
  peer: null,
  addresses: [],
  qdisc: null,
  hairpin: false,
})
const defaultRoute = (dev: string): Route => ({
  family: 'ipv4',
  to: '0.0.0.0/0',
  via: '192.0.2.1',
  dev,
  table: 254,
  protocol: 3,
  metric: 0,
  type: 'unicast',
  source: null,
})
const SNAPSHOT: Snapshot = {
  formatVersion: '1.0',
  host: {
    kernel: '6.18',
    ipv6: true,
    nameservers: ['192.0.2.53'],
    search: [],
    loopbackResolver: false,
    links: [link('ens5'), link('ens6')],
    routes: [defaultRoute('ens5')],
    rules: [],
    sysctls: { 'net/ipv4/ip_forward': '0', 'net/ipv6/conf/default/force_forwarding': '0' },
  },
  namespaces: {},
  firewall: {
    variant: 'nft',
    version: '1.8.9',
    ipv4: [],
    ipv6: [],
    other: { variant: 'legacy', ipv4: [], ipv6: [] },
    foreignNft: [],
  },
  listeners: [],
  etcNetns: {},
  claims: [],
  journal: null,
}
const HEALTHY: DoctorFacts = {
  snapshot: SNAPSHOT,
  privileged: true,
  blind: null,
  tools: [{ name: 'ip', package: 'iproute2', path: '/sbin/ip', version: '6.1.0' }],
  features: { namespace: null, missing: [], present: ['veth'] },
  conntrack: { count: 10, max: 1000 },
  evidence: { managers: [], settings: {}, ruleWriter: null },
  topologies: [],
  stopped: [],
  temporaries: [],
  ufw: false,
  managed: [],
  networkFiles: [],
}
const host = (more: Partial<Snapshot['host']>): Partial<DoctorFacts> => ({
  snapshot: { ...SNAPSHOT, host: { ...SNAPSHOT.host, ...more } },
})
const firewall = (more: Partial<Snapshot['firewall']>): Partial<DoctorFacts> => ({
  snapshot: { ...SNAPSHOT, firewall: { ...SNAPSHOT.firewall, ...more } },
})
const found = (facts: Partial<DoctorFacts>) =>
  examine({ ...HEALTHY, ...facts }).flatMap(({ findings }) =>
    findings.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`),
  )

test('a healthy host: nothing is found, and every check says what it saw', () => {
  const results = examine(HEALTHY)
  expect(results.map(({ state }) => state)).toEqual(results.map(() => 'ok'))
  expect(results.map(({ summary }) => summary)).not.toContain('not seen')
})

const CASES: [string, Partial<DoctorFacts>, string[]][] = [
  [
    'a tool that is needed is missing, one that only helps as well',
    {
      tools: ['conntrack', 'nft'].map(name => ({ name, package: name, path: null, version: null })),
    },
    ['problem tool-missing conntrack', 'note tool-missing nft'],
  ],
  [
    'the kernel lacks what every topology needs, and what some need',
    {
      features: {
        namespace: null,
        present: [],
        missing: ['devgroup', 'tbf'].map(name => ({ name, why: 'no such file' })),
      },
    },
    ['problem kernel-feature devgroup', 'note kernel-feature tbf'],
  ],
  ['no IPv6', host({ ipv6: false }), ['note no-ipv6 ipv6']],
  ['a kernel before 6.17', host({ sysctls: {} }), ['note ipv6-forwards-whole ipv6']],
  [
    'the other variant drops what is forwarded',
    firewall({
      other: {
        variant: 'legacy',
        ipv4: [],
        ipv6: [
          { name: 'filter', chains: [{ name: 'FORWARD', policy: 'DROP', rules: ['-i docker0 -j ACCEPT'] }] },
        ],
      },
    }),
    ['problem other-variant-drops legacy/ipv6', 'note two-variants legacy'],
  ],
  [
    'a chain of nftables that drops',
    firewall({
      foreignNft: [
        { family: 'inet', table: 'filter', chain: 'forward', hook: 'forward', policy: 'drop' },
        { family: 'inet', table: 'filter', chain: 'input', hook: 'input', policy: 'drop' },
      ],
    }),
    ['note nft-drops inet/filter/forward'],
  ],
  [
    'a port that a chain of nftables stops',
    {
      stopped: [
        {
          ...{ flow: 'tcp outside -> host:6000', subject: 'inet/filter/forward' },
          ...{ by: 'policy drop of nft inet filter forward', remedy: 'nft insert rule …' },
        },
      ],
    },
    ['problem nft-drops inet/filter/forward'],
  ],
  [
    'forwarding that a file takes away the next time it is read',
    {
      ...host({ sysctls: { ...SNAPSHOT.host.sysctls, 'net/ipv4/ip_forward': '1' } }),
      evidence: {
        managers: [],
        settings: { 'net/ipv4/ip_forward': { file: '/etc/sysctl.d/10-hard.conf', value: '0' } },
        ruleWriter: null,
      },
    },
    ['problem forwarding-taken-away net/ipv4/ip_forward'],
  ],
  [
    'forwarding that no file keeps over a reboot',
    host({ sysctls: { ...SNAPSHOT.host.sysctls, 'net/ipv4/ip_forward': '1' } }),
    ['note forwarding-not-kept net/ipv4/ip_forward'],
  ],
  [
    'strict rp_filter with two ways out; the larger of `all` and the interface holds',
    host({
      routes: [defaultRoute('ens5'), defaultRoute('ens6')],
      sysctls: {
        ...SNAPSHOT.host.sysctls,
        'net/ipv4/conf/all/rp_filter': '1',
        'net/ipv4/conf/ens6/rp_filter': '2',
      },
    }),
    ['problem rp-filter-strict ens5'],
  ],
  [
    'strict rp_filter with one way out is nobody’s trouble',
    host({ sysctls: { ...SNAPSHOT.host.sysctls, 'net/ipv4/conf/ens5/rp_filter': '1' } }),
    [],
  ],
  [
    'bridged packets are filtered',
    host({ sysctls: { ...SNAPSHOT.host.sysctls, 'net/bridge/bridge-nf-call-iptables': '1' } }),
    ['note bridged-filtered br_netfilter'],
  ],
  [
    'other programs that manage the network',
    {
      ufw: true,
      evidence: { managers: ['dockerd', 'firewalld', 'systemd-networkd'], settings: {}, ruleWriter: null },
      networkFiles: [{ path: '/etc/systemd/network/all.network', matches: ['Name=*'] }],
    },
    [
      'note docker docker',
      'note firewalld firewalld',
      'note ufw ufw',
      'problem interface-grabbed /etc/systemd/network/all.network',
      'note networkd-foreign-rules systemd-networkd',
    ],
  ],
  [
    'NetworkManager took an interface of a topology; its own are its own',
    { ...host({ links: [link('ens5'), link('veth0', 0x4e000001)] }), managed: ['ens5', 'veth0'] },
    ['problem interface-grabbed veth0'],
  ],
  [
    'a connection table that fills',
    { conntrack: { count: 700, max: 1000 } },
    ['note conntrack-full conntrack'],
  ],
  ['one that is full', { conntrack: { count: 900, max: 1000 } }, ['problem conntrack-full conntrack']],
  [
    'no name server for namespaces',
    host({ loopbackResolver: true, nameservers: [] }),
    ['note no-nameserver resolver'],
  ],
  [
    'root that cannot read its own host',
    { snapshot: null, blind: 'ip: killed' },
    ['problem unreadable host'],
  ],
  [
    'who may not read it is told so, which is no problem',
    { snapshot: null, privileged: false, blind: 'root' },
    [],
  ],
]

test.each(CASES)('%s', (_, facts, expected) => expect(found(facts)).toEqual(expected))

test('every finding says what follows from it and what to do', () => {
  const all = CASES.flatMap(([, facts]) =>
    examine({ ...HEALTHY, ...facts }).flatMap(({ findings }) => findings),
  )
  expect(all.length).toBeGreaterThan(20)
  for (const { summary, consequence, remedy } of all) {
    for (const text of [summary, consequence, remedy]) expect(text.length).toBeGreaterThan(8)
  }
})

describe('which .network files take a veth', () => {
  test.each([
    ['[Match]\nName=*\n[Network]\nDHCP=yes\n', ['Name=*']],
    ['[Match]\nType=ether\n', ['Type=ether']],
    ['[Match]\nName=en* eth*\n', []],
    ['[Match]\nName=veth*\nKind=veth\n', ['Name=veth*', 'Kind=veth']],
    ['[Match]\nType=ether\nKind=!veth\n', []],
    ['[Match]\nName=!ens5\n', ['Name=!ens5']],
    ['[Match]\nType=ether\nMACAddress=02:00:00:00:00:01\n', []],
    ['[Network]\nDHCP=yes\n', []],
    ['', []],
  ])('%j: %j', (text, matches) => expect(vethMatches(text)).toEqual(matches))
})
