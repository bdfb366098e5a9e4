import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { InvalidTopology } from '../../../src/model/diagnostic.ts'
import type { End, Topology } from '../../../src/model/topology.ts'
import { loadTopology, nameOfTopology } from '../../../src/topology/load.ts'

const FLASK = readFileSync(new URL('../../../examples/flask.yaml', import.meta.url), 'utf8')

function load(text: string, env: Record<string, string> = {}): Topology {
  return loadTopology(text, 'topology.yaml', env).topology
}

function ends(topology: Topology): End[] {
  return topology.veths.flatMap(veth => veth.ends)
}

test("the tutorial's file", () => {
  const { topology, warnings } = loadTopology(FLASK, 'flask.yaml', {})
  expect(warnings).toEqual([])
  expect(topology).toMatchObject({
    name: 'flask',
    file: 'flask.yaml',
    uplinks: ['ens5'],
    subnets: [
      {
        name: 'web1',
        networks: ['192.168.0.0/24'],
        gateways: ['192.168.0.1'],
        uplinks: ['ens5'],
        masquerade: ['ipv4'],
      },
      {
        name: 'web2',
        networks: ['192.168.1.0/24'],
        gateways: ['192.168.1.1'],
        hostAccess: true,
        bridge: null,
      },
    ],
    namespaces: [{ name: 'netns1', nameservers: null, adopt: false }, { name: 'netns2' }],
    forwards: [
      {
        protocols: ['tcp'],
        listenAddress: null,
        listenPorts: { first: 6000, last: 6000 },
        families: ['ipv4'],
        target: { namespace: 'netns1', interface: 'veth1', ports: { first: 8080, last: 8080 } },
        uplinks: ['ens5'],
      },
      { listenPorts: { first: 6001, last: 6001 }, target: { interface: 'veth3' } },
    ],
    forwardPolicy: 'keep',
  })
  expect(ends(topology)).toMatchObject([
    { namespace: 'host', interface: 'veth0', addresses: ['192.168.0.1/24'], automatic: [], defaultRoute: [] },
    { namespace: 'netns1', interface: 'veth1', addresses: [], automatic: ['ipv4'], defaultRoute: ['ipv4'] },
    { namespace: 'host', interface: 'veth2', addresses: ['192.168.1.1/24'] },
    { namespace: 'netns2', interface: 'veth3', automatic: ['ipv4'], defaultRoute: ['ipv4'] },
  ])
  expect(topology.namespaces[0]?.source).toEqual({ file: 'flask.yaml', line: 10, column: 3, length: 6 })
})

test('a name is enough', () => {
  expect(load('name: empty')).toMatchObject({
    name: 'empty',
    uplinks: [],
    subnets: [],
    namespaces: [],
    veths: [],
  })
})

test('forwards in every form', () => {
  const topology = load(`
name: t
uplinks: [ens5, ens6]
subnets: { a: 10.0.0.0/24, b: 10.0.1.0/24 }
namespaces: { n: {} }
veths: [{ subnet: a, ends: [host, n] }, { subnet: b, ends: [host, n] }]
forwards:
  - { listen: 6000-6010, to: "n:8000-8010", protocol: [udp, tcp], uplinks: [ens6] }
  - { listen: "192.0.2.1:6000", to: { namespace: n, subnet: b, port: "80" }, protocol: sctp, sources: [203.0.113.0/24] }
  - { listen: "127.0.0.1:7000-7001", to: n }`)
  expect(topology.forwards).toMatchObject([
    {
      protocols: ['tcp', 'udp'],
      listenPorts: { first: 6000, last: 6010 },
      target: { interface: 'eth0', ports: { first: 8000, last: 8010 } },
      uplinks: ['ens6'],
    },
    {
      protocols: ['sctp'],
      listenAddress: '192.0.2.1',
      target: { interface: 'eth1', ports: { first: 80, last: 80 } },
      sources: ['203.0.113.0/24'],
    },
    { listenAddress: '127.0.0.1', target: { ports: { first: 7000, last: 7001 } }, uplinks: ['ens5', 'ens6'] },
  ])
})

test('forwards on other uplinks, addresses or protocols do not conflict', () => {
  const text = `
name: t
uplinks: [ens5, ens6]
subnets: { a: 10.0.0.0/24 }
namespaces: { n: {} }
veths: [{ subnet: a, ends: [host, n] }]
forwards:
  - { listen: 80, to: n, uplinks: [ens5] }
  - { listen: 80, to: n, uplinks: [ens6] }
  - { listen: 80, to: n, protocol: udp }
  - { listen: "192.0.2.1:81", to: n }
  - { listen: "192.0.2.2:81", to: n }`
  expect(load(text).forwards).toHaveLength(5)
})

test('the rest of the format', () => {
  const topology = load(`
name: t
subnets: { a: 10.0.0.0/24 }
namespaces:
  n:
    nameservers: [1.1.1.1, "2606:4700:4700:0::1111"]
    search: [example.org]
    sysctls: { net.ipv4.ip_forward: 1, net/ipv4/conf/eth0.5/rp_filter: 2, net.ipv4.conf.eth0/5.forwarding: "1" }
    routes: [{ to: 10.1.0.0/16, via: 10.0.0.9, dev: eth0, metric: 10 }, { to: 10.2.0.0/16, type: unreachable }]
    adopt: true
  m: {}
veths: [{ subnet: a, ends: [host, n], adopt: true }]
allow:
  - { from: a, to: m }
  - { from: outside, to: n, ports: [443, "80-90", 85, 91] }
expect:
  - { from: n, to: "[2001:DB8::1]:53", protocol: udp }
  - { from: host, to: m, protocol: icmp, reachable: false }
host: { routes: [{ to: default, via: "fd00::1" }], forward-policy: drop }
accept: [port-held:tcp/6000]`)
  expect(topology).toMatchObject({
    namespaces: [
      {
        nameservers: ['1.1.1.1', '2606:4700:4700::1111'],
        search: ['example.org'],
        sysctls: [
          { key: 'net/ipv4/ip_forward', value: '1' },
          { key: 'net/ipv4/conf/eth0.5/rp_filter', value: '2' },
          { key: 'net/ipv4/conf/eth0.5/forwarding', value: '1' },
        ],
        routes: [
          { to: '10.1.0.0/16', via: '10.0.0.9', dev: 'eth0', metric: 10, type: 'unicast' },
          { to: '10.2.0.0/16', via: null, dev: null, metric: null, type: 'unreachable' },
        ],
        adopt: true,
      },
      { name: 'm' },
    ],
    veths: [{ adopt: true }],
    allows: [
      {
        from: { kind: 'subnet', name: 'a' },
        to: { kind: 'namespace', name: 'm' },
        protocols: ['tcp', 'udp', 'sctp', 'icmp'],
        ports: [],
      },
      {
        from: { kind: 'outside' },
        protocols: ['tcp'],
        ports: [
          { first: 80, last: 91 },
          { first: 443, last: 443 },
        ],
      },
    ],
    expects: [
      { from: 'n', to: '[2001:db8::1]:53', protocol: 'udp', reachable: true },
      { from: 'host', to: 'm', protocol: 'icmp', reachable: false },
    ],
    hostRoutes: [{ to: '::/0', via: 'fd00::1' }],
    forwardPolicy: 'drop',
    accept: ['port-held:tcp/6000'],
  })
})

test('variables serve as text, and where a number or a boolean stands', () => {
  const topology = load(
    `
name: "\${NAME}"
uplinks: ["\${UP:-ens5}", "\${EMPTY:-ens6}"]
subnets:
  a:
    cidr: \${NET}/24
    mtu: \${MTU:-1400}
    host-access: \${OPEN:-false}
namespaces: { n: {} }
veths: [{ subnet: a, ends: [host, "\${NS}:eth0"] }]
forwards:
  - listen: \${PORT:-6000}
    to: n:\${TARGET}`,
    { NAME: 'flask', NET: '10.0.0.0', NS: 'n', TARGET: '8080', EMPTY: '' },
  )
  expect(topology).toMatchObject({
    name: 'flask',
    uplinks: ['ens5', 'ens6'],
    subnets: [{ networks: ['10.0.0.0/24'], mtu: 1400, hostAccess: false }],
    forwards: [{ listenPorts: { first: 6000 }, target: { ports: { first: 8080 } } }],
  })
})

test('aliases repeat a value', () => {
  const topology = load('name: t\nnamespaces:\n  a: &dns { nameservers: [1.1.1.1] }\n  b: *dns\n')
  expect(topology.namespaces[1]?.nameservers).toEqual(['1.1.1.1'])
})

test('line ends of Windows and a byte order mark do no harm', () => {
  expect(load(`\ufeff${FLASK.replaceAll('\n', '\r\n')}`).forwards).toHaveLength(2)
})

describe('the name alone', () => {
  test('is read from a file that is wrong elsewhere', () => {
    expect(nameOfTopology('name: flask\nsubnets: { a: nonsense }\nnope: 1\n', 'f.yaml')).toBe('flask')
  })

  test.each(['', 'uplinks: []', 'name: Flask', 'name: [a', 'name: 007'])(
    'is missing or wrong in %j',
    text => {
      expect(() => nameOfTopology(text, 'f.yaml')).toThrow(InvalidTopology)
    },
  )
})
