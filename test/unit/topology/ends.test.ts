import { describe, expect, test } from 'vitest'
import type { End, Topology } from '../../../src/model/topology.ts'
import { hostInterface } from '../../../src/topology/check/ends.ts'
import { loadTopology } from '../../../src/topology/load.ts'

function load(text: string): Topology {
  return loadTopology(text, 'topology.yaml', {}).topology
}

function ends(topology: Topology): End[] {
  return topology.veths.flatMap(veth => veth.ends)
}

describe('interfaces', () => {
  test('inside they are eth0, eth1… but for what is named', () => {
    const topology = load(`
name: t
namespaces: { a: {}, b: {} }
veths:
  - { ends: [a, b] }
  - { ends: ["a:eth1", b] }
  - { ends: [a, "b:x"] }`)
    expect(ends(topology).map(end => `${end.namespace}:${end.interface}`)).toEqual([
      'a:eth0',
      'b:eth0',
      'a:eth1',
      'b:eth1',
      'a:eth2',
      'b:x',
    ])
    expect(ends(topology).map(end => end.derivedInterface)).toEqual([true, true, false, true, true, false])
  })

  test('on the host they are derived from the far end alone', () => {
    const topology = load(`
name: t
namespaces: { web: {}, a-b: {}, a-rather-long-name: {} }
veths:
  - { ends: [host, web] }
  - { ends: ["a-b:x", host] }
  - { ends: [host, a-rather-long-name] }
  - { ends: [host, "web:eth-1"] }`)
    const names = ends(topology)
      .filter(end => end.namespace === 'host')
      .map(end => end.interface)
    expect(names).toEqual([
      'web-eth0',
      hostInterface('a-b', 'x'),
      hostInterface('a-rather-long-name', 'eth0'),
      hostInterface('web', 'eth-1'),
    ])
    expect(names.slice(1)).toEqual([
      expect.stringMatching(/^a-b-[0-9a-f]{6}$/),
      expect.stringMatching(/^a-rather-[0-9a-f]{6}$/),
      expect.stringMatching(/^web-[0-9a-f]{6}$/),
    ])
    expect(names.every(name => name.length <= 15)).toBe(true)
  })
})

describe('addresses', () => {
  test('of a bridge: the host has the gateway there, not on the ports', () => {
    const topology = load(`
name: t
subnets: { lan: { cidr: 10.0.0.0/24, gateway: 10.0.0.254, bridge: br0, mtu: 1400 } }
namespaces: { a: {}, b: {} }
veths:
  - { subnet: lan, ends: [host, { namespace: a, address: 10.0.0.7, mac: "02:00:00:00:00:0A", rate: 10mbit }] }
  - { subnet: lan, ends: [host, b], mtu: 1300 }`)
    expect(topology.subnets[0]).toMatchObject({ gateways: ['10.0.0.254'], bridge: 'br0', mtu: 1400 })
    expect(ends(topology)).toMatchObject([
      { addresses: [], automatic: [], mtu: 1400 },
      {
        addresses: ['10.0.0.7/24'],
        automatic: [],
        mac: '02:00:00:00:00:0a',
        rate: 10_000_000,
        defaultRoute: ['ipv4'],
      },
      { addresses: [], automatic: [], mtu: 1300 },
      { addresses: [], automatic: ['ipv4'], mtu: 1300 },
    ])
  })

  test('of both families, canonical, one of them drawn', () => {
    const topology = load(`
name: t
uplinks: [default]
subnets: { lan: { cidr: ["FD00:0:0:1::/64", 10.0.0.0/31] } }
namespaces: { a: {} }
veths: [{ subnet: lan, ends: [host, { namespace: a, address: "fd00:0:0:1:0::9" }] }]
forwards: [{ listen: 80, to: a }, { listen: "0.0.0.0:81", to: a }, { listen: "[::]:82", to: a }]`)
    expect(topology.subnets[0]).toMatchObject({
      networks: ['fd00:0:0:1::/64', '10.0.0.0/31'],
      gateways: ['fd00:0:0:1::1', '10.0.0.0'],
      masquerade: ['ipv6', 'ipv4'],
    })
    expect(ends(topology)).toMatchObject([
      { addresses: ['fd00:0:0:1::1/64', '10.0.0.0/31'] },
      { addresses: ['fd00:0:0:1::9/64'], automatic: ['ipv4'], defaultRoute: ['ipv4', 'ipv6'] },
    ])
    expect(topology.forwards.map(({ families, listenAddress }) => [families, listenAddress])).toEqual([
      [['ipv4', 'ipv6'], null],
      [['ipv4'], null],
      [['ipv6'], null],
    ])
  })

  test('between two namespaces none is reserved, and no default route follows', () => {
    const topology = load(`
name: t
subnets: { link: 10.0.0.0/31, free: 10.0.1.0/30 }
namespaces: { a: {}, b: {} }
veths:
  - { subnet: link, ends: [a, b] }
  - { subnet: free, ends: [{ namespace: a, address: 10.0.1.1 }, b] }
  - { ends: [{ namespace: a, address: [10.0.2.1/30, "fd00::1/64"] }, b] }`)
    expect(topology.subnets.map(subnet => subnet.gateways)).toEqual([[], []])
    expect(ends(topology).map(end => [end.addresses, end.automatic, end.defaultRoute])).toEqual([
      [[], ['ipv4'], []],
      [[], ['ipv4'], []],
      [['10.0.1.1/30'], [], []],
      [[], ['ipv4'], []],
      [['10.0.2.1/30', 'fd00::1/64'], [], []],
      [[], [], []],
    ])
  })

  test('global IPv6 is routed, not masqueraded, unless it is wished', () => {
    const cidrs = '["2001:db8::/64", 10.0.0.0/24]'
    const masquerade = (extra: string) =>
      load(`name: t\nsubnets: { a: { cidr: ${cidrs}${extra} } }`).subnets[0]?.masquerade
    expect(masquerade('')).toEqual(['ipv4'])
    expect(masquerade(', masquerade: true')).toEqual(['ipv6', 'ipv4'])
    expect(masquerade(', masquerade: false')).toEqual([])
    expect(masquerade(', masquerade: [ipv6]')).toEqual(['ipv6'])
  })
})

describe('default routes', () => {
  const two = (first: string, second: string, routes = '[]') => `
name: t
subnets: { a: 10.0.0.0/24, b: 10.0.1.0/24 }
namespaces: { n: { routes: ${routes} } }
veths:
  - { subnet: a, ends: [host, { namespace: n${first} }] }
  - { subnet: b, ends: [host, { namespace: n${second} }] }`
  const chosen = (text: string) =>
    ends(load(text))
      .filter(end => end.namespace === 'n')
      .map(end => end.defaultRoute)

  test('go through the first veth, or as it is said', () => {
    expect(chosen(two('', ''))).toEqual([['ipv4'], []])
    expect(chosen(two(', default-route: false', ''))).toEqual([[], ['ipv4']])
    expect(chosen(two('', ', default-route: true'))).toEqual([[], ['ipv4']])
    expect(chosen(two(', default-route: false', ', default-route: false'))).toEqual([[], []])
  })

  test('give way to a declared one without metric', () => {
    expect(chosen(two('', '', '[{ to: default, via: 10.0.0.9 }]'))).toEqual([[], []])
    expect(chosen(two('', '', '[{ to: default, via: 10.0.0.9, metric: 5 }]'))).toEqual([['ipv4'], []])
    expect(chosen(two('', '', '[{ to: default, type: blackhole, metric: 0 }]'))).toEqual([[], []])
  })
})
