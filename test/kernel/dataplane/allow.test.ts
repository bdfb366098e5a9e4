import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6, ROUTER4 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { expectPaths, script, serveIn } from '../host/paths.ts'
import { applyFile, applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const RULED = `
name: ruled
uplinks: [ens5]
subnets:
  a: { cidr: [10.70.0.0/24, fd70::/64] }
  b: { cidr: [10.70.1.0/24, fd70:0:0:1::/64] }
  c: { cidr: [10.70.2.0/24, fd70:0:0:2::/64], uplinks: [], host-access: false }
  r: { cidr: [10.70.3.0/24, fd70:0:0:3::/64], masquerade: false }
  s: { cidr: [10.70.4.0/24, fd70:0:0:4::/64], bridge: br-s, host-access: false }
  t: { cidr: 10.70.5.0/24 }
namespaces: { a1: {}, b1: {}, c1: {}, r1: {}, s1: {}, s2: {} }
veths:
  - { subnet: a, ends: [host, a1] }
  - { subnet: b, ends: [host, b1] }
  - { subnet: c, ends: [host, c1] }
  - { subnet: r, ends: [host, r1] }
  - { subnet: s, ends: [host, s1] }
  - { subnet: s, ends: [host, s2] }
  - { subnet: t, ends: [host, a1] }
forwards:
  - { listen: 8001, to: c1:80 }
  - { listen: 8002, to: s1:80, protocol: [tcp, udp] }
  - { listen: 8003, to: { namespace: a1, subnet: t, port: 80 } }
allow:
  - { from: a, to: b1, ports: [80, 90-91] }
  - { from: a1, to: c, protocol: icmp }
  - { from: s1, to: b, protocol: udp }
  - { from: outside, to: b, ports: [81] }
  - { from: outside, to: r1, protocol: icmp }
`

const PEER = `
name: peer
uplinks: [ens5]
subnets: { p: { cidr: [10.71.0.0/24, fd71::/64] } }
namespaces: { p1: {} }
veths: [{ subnet: p, ends: [host, p1] }]
forwards: [{ listen: 8100, to: p1:80 }]
allow: [{ from: outside, to: p1, ports: [81] }]
`

describe.each(['nft', 'legacy'])('what the file allows, and nothing else, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture
  let userChain: string

  const ping = async (from: string, to: string) =>
    (await host.in(from, 'ping', ['-n', '-c', '1', '-W', '1', to], { reject: false })).exitCode === 0

  beforeAll(async () => {
    host = await createHost()
    await script(
      host,
      `
      ip -n outside route add 10.70.0.0/15 via ${HOST4}
      ip -n outside route add fd70::/15 via ${HOST6}
      # A neighbour that takes the addresses of namespaces.
      ip -n outside address add 10.70.0.99/32 dev lo
      ip -n outside address add fd70::99/128 dev lo nodad
      for family in ip ip6; do
        for chain in NSCTL-USER; do \${family}tables-${variant} -N $chain; done
        \${family}tables-${variant} -A NSCTL-USER -p tcp --dport 66 -j REJECT
        \${family}tables-${variant} -A NSCTL-USER -m comment --comment "the administrator's" -p tcp --dport 9999 -j ACCEPT
      done
      `,
    )
    userChain = await script(host, `iptables-${variant} -S NSCTL-USER`)
    before = await picture(host)
    await applyText(host, RULED, options)
    await applyText(host, PEER, options)
    await script(
      host,
      `
      ip -n c1 address add 10.70.0.98/32 dev lo
      ip -n c1 address add fd70::98/128 dev lo nodad
      `,
    )
    await serveIn(
      host,
      { a1: [80], b1: [66, 80, 81, 90, 91, 92], c1: [80], r1: [80], s1: [80], s2: [80], p1: [80, 81] },
      [80, 81],
    )
    await serveIn(host, { host: [7001], outside: [66, 80] }, [7001])
  })
  afterAll(() => host.dispose())

  test('an allowed path is open in its direction, on its ports, in both families', () =>
    expectPaths(host, [
      ['a1', '10.70.1.2:80', 'b1 10.70.0.2'],
      ['a1', '[fd70:0:0:1::2]:90', 'b1 fd70::2'],
      ['a1', '10.70.1.2:91', 'b1 10.70.0.2'],
      ['a1', '10.70.1.2:92', 'timeout'],
      ['a1', '[fd70:0:0:1::2]:92', 'closed'],
      ['a1', '10.70.1.2:80', 'timeout', { protocol: 'udp' }],
      ['b1', '10.70.0.2:80', 'timeout'],
      ['s1', '10.70.1.2:80', 'b1 10.70.4.2', { protocol: 'udp' }],
      ['s1', '[fd70:0:0:1::2]:81', 'b1 fd70:0:0:4::2', { protocol: 'udp' }],
      ['s1', '10.70.1.2:80', 'timeout'],
      ['s2', '10.70.1.2:80', 'timeout', { protocol: 'udp' }],
      ['outside', '10.70.1.2:81', `b1 ${ROUTER4}`],
      ['outside', '[fd70:0:0:1::2]:81', `b1 ${CLIENT6}`, { source: CLIENT6 }],
      ['outside', '10.70.1.2:80', 'timeout'],
      // From outside is not from other namespaces.
      ['r1', '10.70.1.2:81', 'timeout'],
      ['p1', '10.70.1.2:81', 'timeout'],
    ]))

  test('ICMP is allowed where the file says so', async () => {
    const pings: [string, string, boolean][] = [
      ['a1', '10.70.2.2', true],
      ['a1', 'fd70:0:0:2::2', true],
      ['c1', '10.70.0.2', false],
      ['b1', '10.70.2.2', false],
      ['outside', '10.70.3.2', true],
      ['outside', 'fd70:0:0:3::2', true],
      ['outside', '10.70.0.2', false],
    ]
    const results = await Promise.all(pings.map(([from, to]) => ping(from, to)))
    expect(pings.map(([from, to], i) => [from, to, results[i]])).toEqual(pings)
  })

  test('a source that is allowed cannot be forged, neither outside nor in another namespace', () =>
    expectPaths(host, [
      ['outside', '10.70.1.2:80', 'timeout', { source: '10.70.0.99' }],
      ['outside', '[fd70:0:0:1::2]:80', 'timeout', { source: 'fd70::99' }],
      ['c1', '10.70.1.2:80', 'timeout', { source: '10.70.0.98' }],
      ['c1', '[fd70:0:0:1::2]:80', 'timeout', { source: 'fd70::98' }],
    ]))

  test('a subnet without a way out has none, and one that is routed leaves unmasqueraded, and is not open for it', () =>
    expectPaths(host, [
      ['c1', `${CLIENT4}:80`, 'timeout'],
      ['c1', `[${CLIENT6}]:80`, 'timeout'],
      ['r1', `${CLIENT4}:80`, 'outside 10.70.3.2'],
      ['r1', `[${CLIENT6}]:80`, 'outside fd70:0:0:3::2'],
      ['outside', '10.70.3.2:80', 'timeout'],
      ['outside', '[fd70:0:0:3::2]:80', 'timeout'],
      ['outside', '10.70.3.2:80', 'timeout', { protocol: 'udp' }],
      ['a1', '10.70.3.2:80', 'timeout'],
    ]))

  test('services of the host are closed where the file says so; published ports, ICMP and replies are not', async () => {
    await expectPaths(host, [
      ['a1', '10.70.0.1:7001', 'host 10.70.0.2'],
      ['c1', '10.70.2.1:7001', 'timeout'],
      ['c1', `${HOST4}:7001`, 'timeout'],
      ['c1', '[fd70:0:0:2::1]:7001', 'timeout'],
      ['s1', '10.70.4.1:7001', 'timeout', { protocol: 'udp' }],
      ['s2', '[fd70:0:0:4::1]:7001', 'timeout'],
      ['c1', '10.70.2.1:8002', 's1 10.70.2.2'],
      ['c1', `[${HOST6}]:8002`, 's1 fd70:0:0:2::2'],
      ['c1', '10.70.2.1:8001', 'c1'],
      ['s2', '10.70.4.1:8002', 's1', { protocol: 'udp' }],
      ['host', '10.70.2.2:80', 'c1 10.70.2.1'],
      ['host', '[fd70:0:0:4::2]:80', 's1', { protocol: 'udp' }],
      ['outside', `${HOST4}:8001`, `c1 ${CLIENT4}`, { source: CLIENT4 }],
    ])
    expect(await ping('c1', '10.70.2.1')).toBe(true)
    expect(await ping('s1', 'fd70:0:0:4::1')).toBe(true)
  })

  test('each end of a namespace can be published, and answers by itself', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:8003`, `a1 ${CLIENT4}`, { source: CLIENT4 }],
      ['b1', `${HOST4}:8003`, 'a1 10.70.1.2'],
      ['host', '127.0.0.1:8003', 'a1'],
      ['a1', `${HOST4}:8003`, 'a1'],
      ['a1', '10.70.5.1:8003', 'a1'],
    ]))

  test('two topologies reach each other’s published ports, and nothing else', () =>
    expectPaths(host, [
      ['a1', `${HOST4}:8100`, 'p1 10.70.0.2'],
      ['a1', '[fd70::1]:8100', 'p1 fd70::2'],
      ['p1', '10.71.0.1:8002', 's1 10.71.0.2'],
      ['p1', `[${HOST6}]:8001`, 'c1 fd71::2'],
      ['a1', '10.71.0.2:80', 'timeout'],
      ['a1', '10.71.0.2:81', 'timeout'],
      ['p1', '10.70.0.2:80', 'timeout'],
      ['p1', '[fd70:0:0:3::2]:80', 'timeout'],
    ]))

  test('the administrator’s chain is asked first, and opens nothing that is guarded', async () => {
    await expectPaths(host, [
      ['b1', `${CLIENT4}:66`, 'ECONNREFUSED'],
      // To IPv6 the first refusal is a hint only.
      ['b1', `[${CLIENT6}]:66`, 'ECONNREFUSED'],
      ['b1', `${CLIENT4}:80`, `outside ${HOST4}`],
    ])
    expect(await script(host, `iptables-${variant} -S NSCTL-USER`)).toBe(userChain)
  })

  test('destroying one topology leaves the other as it was; destroying both gives the host back', async () => {
    await destroy(host, ['peer'])
    await expectPaths(host, [
      ['a1', '10.70.1.2:80', 'b1 10.70.0.2'],
      ['outside', `${HOST4}:8001`, `c1 ${CLIENT4}`, { source: CLIENT4 }],
      ['b1', `${CLIENT4}:80`, `outside ${HOST4}`],
      ['outside', `${HOST4}:8100`, 'ECONNREFUSED'],
    ])
    await applyFile(host, '/run/topologies/ruled.yaml', options)
    await destroy(host, ['ruled'])
    expect(difference(before, await picture(host))).toEqual([])
  })
})
