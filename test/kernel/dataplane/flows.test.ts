import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { addNeighbour, script } from '../host/paths.ts'
import { echo, type Flow, openFlow } from '../host/stream.ts'
import { applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const LIVE = `
name: live
uplinks: [ens5, wan]
subnets:
  a: { cidr: [10.60.0.0/24, fd60::/64] }
  b: { cidr: [10.60.1.0/24, fd60:0:0:1::/64] }
  r: { cidr: [10.60.2.0/24, fd60:0:0:2::/64], masquerade: false }
namespaces: { app: {}, alt: {}, raw: {} }
veths:
  - { subnet: a, ends: [host, app] }
  - { subnet: b, ends: [host, alt] }
  - { subnet: r, ends: [host, raw] }
forwards:
  - { listen: 7000, to: app:80, protocol: [tcp, udp] }
  - { listen: 7001, to: app:80, protocol: [tcp, udp] }
  - { listen: 7002, to: app:80, sources: [198.51.100.0/24, 203.0.113.0/24] }
  - { listen: 7010-7012, to: app:90-92, protocol: udp }
allow:
  - { from: alt, to: app, ports: [80] }
  - { from: alt, to: raw, protocol: udp }
  - { from: outside, to: raw, protocol: tcp }
`

/** What is forgotten follows from the rules' text, which is the same in both variants. */
describe('connections that outlive a change', () => {
  const options = ['--iptables', 'nft']
  let host: Host
  let before: Picture

  const apply = (text: string) => applyText(host, text, options)

  /** Opens flows, waits until each speaks, changes the file, and gives each until it has become what it should. */
  const through = async (
    changed: string,
    cases: [from: string, target: Parameters<typeof openFlow>[2], becomes: RegExp][],
    from = LIVE,
  ) => {
    await apply(from)
    const flows: Flow[] = await Promise.all(cases.map(([place, target]) => openFlow(host, place, target)))
    await Promise.all(flows.map(flow => flow.until(/^(?!silence|closed)[a-z]+$/)))
    const first = flows.map(flow => flow.history().at(-1) ?? '')
    await apply(changed)
    for (const [i, flow] of flows.entries()) await flow.until(cases[i]?.[2] ?? /never/)
    // What was not to change has not been interrupted either.
    for (const [i, flow] of flows.entries()) {
      if (cases[i]?.[2].test(first[i] ?? '')) expect(flow.history()).toEqual([first[i]])
    }
    await Promise.all(flows.map(flow => flow.stop()))
  }
  const CUT = /^(silence|E[A-Z]+|closed)$/

  beforeAll(async () => {
    host = await createHost()
    await addNeighbour(host, 'isp', 'wan', '192.0.2', '2001:db8:2')
    await script(
      host,
      `
      ip route add default via 192.0.2.1 dev wan metric 500
      ip route add default via 2001:db8:2::1 dev wan metric 5000
      ip -n outside route add 10.60.0.0/16 via ${HOST4}
      ip -n outside route add fd60::/16 via ${HOST6}
      ip -n outside route add 172.17.0.0/24 via ${HOST4}
      # Another manager's machine and published port.
      ip netns add other
      ip link add other0 type veth peer name eth0 netns other
      ip address add 172.17.0.1/24 dev other0
      ip link set other0 up
      ip -n other address add 172.17.0.2/24 dev eth0
      ip -n other link set eth0 up
      ip -n other route add default via 172.17.0.1
      sysctl -q -w net.ipv4.conf.other0.forwarding=1 net.ipv4.conf.ens5.forwarding=1
      iptables-nft -t nat -A PREROUTING -i ens5 -p udp --dport 5353 -j DNAT --to-destination 172.17.0.2:7000
      iptables-nft -A FORWARD -o other0 -j ACCEPT
      iptables-nft -A FORWARD -i other0 -j ACCEPT
      `,
    )
    before = await picture(host)
    await apply(LIVE)
    await Promise.all([
      echo(host, 'app', { tcp: [80], udp: [80, 90, 91, 92] }),
      echo(host, 'alt', { tcp: [80], udp: [80, 90, 91, 92] }),
      echo(host, 'raw', { tcp: [80], udp: [80] }),
      echo(host, 'other', { udp: [7000] }),
      echo(host, 'out', { tcp: [80], udp: [7000, 80] }, 'outside'),
      echo(host, 'isp', { tcp: [80], udp: [80] }),
    ])
  })
  afterAll(() => host.dispose())

  test('a UDP flow moves to the new target, and others do not notice', () =>
    through(
      LIVE.replace('7000, to: app', '7000, to: alt').replace('7010-7012, to: app', '7010-7012, to: alt'),
      [
        ['outside', { protocol: 'udp', address: HOST4, port: 7000, source: CLIENT4 }, /^alt$/],
        ['outside', { protocol: 'udp', address: HOST6, port: 7000, source: CLIENT6 }, /^alt$/],
        ['outside', { protocol: 'udp', address: HOST4, port: 7011 }, /^alt$/],
        ['alt', { protocol: 'udp', address: '10.60.1.1', port: 7000 }, /^alt$/],
        ['outside', { address: HOST4, port: 7000 }, CUT],
        ['outside', { protocol: 'udp', address: HOST4, port: 7001 }, /^app$/],
        ['outside', { address: HOST6, port: 7001 }, /^app$/],
        ['outside', { protocol: 'udp', address: HOST4, port: 5353 }, /^other$/],
        // A name server's port of a namespace, and of a machine beyond: the same number is no reason.
        ['other', { protocol: 'udp', address: CLIENT4, port: 7000 }, /^out$/],
        ['app', { protocol: 'udp', address: CLIENT4, port: 7000 }, /^out$/],
      ],
    ))

  test('a UDP flow that found a port closed gets through once it is published', async () => {
    const without = LIVE.replace(/.*listen: 7000.*\n/, '')
    await apply(without)
    const flows = await Promise.all(
      [HOST4, HOST6].map(address => openFlow(host, 'outside', { protocol: 'udp', address, port: 7000 })),
    )
    await Promise.all(flows.map(flow => flow.until(/silence/)))
    await apply(LIVE)
    await Promise.all(flows.map(flow => flow.until(/^app$/)))
    await Promise.all(flows.map(flow => flow.stop()))
  })

  test('what is not published any more is cut, and nothing else', () =>
    through(LIVE.replace(/.*listen: 7000.*\n/, ''), [
      ['outside', { address: HOST4, port: 7000 }, CUT],
      ['outside', { address: HOST6, port: 7000 }, CUT],
      ['outside', { protocol: 'udp', address: HOST4, port: 7000 }, CUT],
      ['host', { address: '127.0.0.1', port: 7000 }, CUT],
      ['alt', { address: HOST4, port: 7000 }, CUT],
      ['outside', { address: HOST4, port: 7001 }, /^app$/],
      ['outside', { protocol: 'udp', address: HOST6, port: 7001 }, /^app$/],
      ['host', { address: '127.0.0.1', port: 7001 }, /^app$/],
      ['alt', { address: '10.60.0.2', port: 80 }, /^app$/],
    ]))

  test('who may not use a port any more is cut: a source that went, and one that was never listed', () =>
    through(
      LIVE.replace(', 203.0.113.0/24]', ']').replace(
        '7000, to: app:80, protocol: [tcp, udp]',
        '7000, to: app:80, protocol: [tcp, udp], sources: [198.51.100.0/24]',
      ),
      [
        ['outside', { address: HOST4, port: 7002 }, CUT],
        ['outside', { address: HOST4, port: 7002, source: CLIENT4 }, /^app$/],
        ['outside', { address: HOST4, port: 7000 }, CUT],
        ['outside', { address: HOST6, port: 7000 }, CUT],
        ['outside', { protocol: 'udp', address: HOST4, port: 7000 }, CUT],
        ['isp', { address: '192.0.2.10', port: 7001 }, /^app$/],
      ],
    ))

  test('who may use a port all the same is not cut when everybody may', () =>
    through(LIVE.replace(/, sources: .*\]/, ''), [
      ['outside', { address: HOST4, port: 7002, source: CLIENT4 }, /^app$/],
      ['alt', { address: HOST4, port: 7002 }, /^app$/],
    ]))

  test('a forward that leaves an uplink is cut there', () =>
    through(
      LIVE.replace(
        '7000, to: app:80, protocol: [tcp, udp]',
        '7000, to: app:80, protocol: [tcp, udp], uplinks: [ens5]',
      ),
      [
        ['isp', { address: '192.0.2.10', port: 7000 }, CUT],
        ['isp', { protocol: 'udp', address: '192.0.2.10', port: 7000 }, CUT],
        ['outside', { address: HOST4, port: 7001 }, /^app$/],
      ],
    ))

  test('a path that is not allowed any more is cut: with ports and without, from inside and outside', () =>
    through(LIVE.replace(/allow:.*/s, ''), [
      ['alt', { address: '10.60.0.2', port: 80 }, CUT],
      ['alt', { address: 'fd60::2', port: 80 }, CUT],
      ['alt', { protocol: 'udp', address: '10.60.2.2', port: 80 }, CUT],
      ['outside', { address: '10.60.2.2', port: 80, source: CLIENT4 }, CUT],
      ['outside', { address: 'fd60:0:0:2::2', port: 80, source: CLIENT6 }, CUT],
      ['alt', { address: HOST4, port: 7000 }, /^app$/],
    ]))

  test('an uplink that a subnet may not use any more is cut, masqueraded or not', () =>
    through(
      LIVE.replace('fd60::/64] }', 'fd60::/64], uplinks: [wan] }').replace(
        'masquerade: false }',
        'masquerade: false, uplinks: [wan] }',
      ),
      [
        ['app', { address: CLIENT4, port: 80 }, CUT],
        ['app', { protocol: 'udp', address: CLIENT6, port: 80 }, CUT],
        ['raw', { address: CLIENT4, port: 80 }, CUT],
        ['raw', { protocol: 'udp', address: CLIENT6, port: 80 }, CUT],
        ['alt', { address: CLIENT4, port: 80 }, /^out$/],
      ],
    ))

  test('an uplink that leaves the file is cut in both directions', () =>
    through(LIVE.replace('uplinks: [ens5, wan]', 'uplinks: [ens5]'), [
      ['isp', { address: '192.0.2.10', port: 7000 }, CUT],
      ['app', { address: '192.0.2.1', port: 80 }, CUT],
      ['outside', { address: HOST4, port: 7001 }, /^app$/],
    ]))

  test('destroy cuts what went by it, and gives the host back as it was', async () => {
    await apply(LIVE)
    const flows = await Promise.all([
      openFlow(host, 'outside', { address: HOST4, port: 7000 }),
      openFlow(host, 'other', { protocol: 'udp', address: CLIENT4, port: 7000 }),
    ])
    await Promise.all(flows.map(flow => flow.until(/^(app|out)$/)))
    await destroy(host, ['live'])
    await flows[0]?.until(CUT)
    expect(flows[1]?.history()).toEqual(['out'])
    await Promise.all(flows.map(flow => flow.stop()))
    expect(difference(before, await picture(host))).toEqual([])
  })
})
