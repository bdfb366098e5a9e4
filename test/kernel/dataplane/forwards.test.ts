import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6, ROUTER4, ROUTER6 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { addNeighbour, expectPaths, script, serveIn } from '../host/paths.ts'
import { applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const BASE = `
name: ports
uplinks: [ens5, wan]
subnets:
  a: { cidr: [10.50.0.0/24, fd50::/64] }
  b: { cidr: [10.50.1.0/24, fd50:0:0:1::/64] }
  c: 10.50.2.0/24
namespaces: { app: {}, alt: {}, four: {} }
veths:
  - { subnet: a, ends: [host, app] }
  - { subnet: b, ends: [host, alt] }
  - { subnet: c, ends: [host, four] }
`

const PORTS = `${BASE}
forwards:
  - { listen: 7000, to: app:80, protocol: [tcp, udp, sctp] }
  - { listen: 7100-7103, to: app:8000-8003, protocol: [tcp, udp] }
  - { listen: 9000-9002, to: app, protocol: [tcp, udp] }
  - { listen: '192.0.2.10:7200', to: app:80 }
  - { listen: '[${HOST6}]:7200', to: alt:80 }
  - { listen: '0.0.0.0:7210-7211', to: app:8000-8001 }
  - { listen: '127.0.0.1:7220', to: app:80, protocol: [tcp, udp] }
  - { listen: 7300, to: app:80, uplinks: [wan] }
  - { listen: 7300, to: alt:80, uplinks: [ens5] }
  - { listen: 7310, to: app:80, uplinks: [] }
  - { listen: 7400, to: app:80, protocol: [tcp, udp], sources: [198.51.100.0/24, '2001:db8:51::/48'] }
  - { listen: 7410, to: app:80, sources: [${ROUTER4}/32] }
  - { listen: 7420, to: app:80, sources: [192.0.2.0/24], uplinks: [ens5] }
  - { listen: 7500, to: four:80 }
  - { listen: 7300, to: four:80, protocol: udp, uplinks: [wan] }
`

/** Of another topology: what the first one publishes on some uplinks only is free for it on the others. */
const SECOND = `
name: second
uplinks: [ens5, wan]
subnets: { d: 10.51.0.0/24 }
namespaces: { rest: {} }
veths: [{ subnet: d, ends: [host, rest] }]
forwards:
  - { listen: 7300, to: rest:80, protocol: udp, uplinks: [ens5] }
`

describe.each(['nft', 'legacy'])('what is published, and to whom, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture

  beforeAll(async () => {
    host = await createHost()
    await addNeighbour(host, 'isp', 'wan', '192.0.2', '2001:db8:2')
    await script(host, `ip -n outside route add 192.0.2.0/24 via ${HOST4}`)
    before = await picture(host)
    await applyText(host, PORTS, options)
    await applyText(host, SECOND, [...options, '--accept', 'port-held:udp/7300'])
    const app = [80, 8000, 8001, 8002, 8003, 9000, 9001, 9002]
    await Promise.all([
      serveIn(host, { app }, app),
      serveIn(host, { alt: [80], four: [80], rest: [80] }, [80]),
    ])
  })
  afterAll(() => host.dispose())

  test('each port of a range leads to its own', async () => {
    const results = await host.probe(
      [7100, 7101, 7103, 9000, 9002].flatMap(port =>
        (['tcp', 'udp'] as const).flatMap(protocol =>
          [HOST4, HOST6].map(address => ({ from: 'outside', address, port, protocol })),
        ),
      ),
    )
    const reached = results.map(({ server, error }) => server?.split(' ').at(-1) ?? error)
    expect(reached).toEqual(['8000', '8001', '8003', '9000', '9002'].flatMap(port => Array(4).fill(port)))
    await expectPaths(host, [
      ['outside', `${HOST4}:7104`, 'closed'],
      ['outside', `${HOST4}:9003`, 'closed'],
      ['host', '127.0.0.1:7102', 'app'],
      ['app', `${HOST4}:7102`, 'app'],
      ['outside', `${HOST4}:7211`, 'app'],
      ['outside', `[${HOST6}]:7211`, 'closed'],
    ])
  })

  test('a forward of one address answers at that one only, whichever way packets come', () =>
    expectPaths(host, [
      ['isp', '192.0.2.10:7200', 'app 192.0.2.1'],
      ['outside', '192.0.2.10:7200', `app ${CLIENT4}`, { source: CLIENT4 }],
      ['host', '192.0.2.10:7200', 'app'],
      ['outside', `[${HOST6}]:7200`, `alt ${CLIENT6}`, { source: CLIENT6 }],
      ['alt', `[${HOST6}]:7200`, 'alt'],
      ['outside', `${HOST4}:7200`, 'closed'],
      ['isp', '[2001:db8:2::10]:7200', 'closed'],
      ['alt', '10.50.1.1:7200', 'closed'],
      ['host', '127.0.0.1:7220', 'app'],
      ['host', '127.0.0.1:7220', 'app', { protocol: 'udp' }],
      ['outside', `${HOST4}:7220`, 'closed'],
      ['alt', `${HOST4}:7220`, 'closed'],
    ]))

  test('one port may be published twice, on one uplink each', () =>
    expectPaths(host, [
      ['isp', '192.0.2.10:7300', 'app 192.0.2.1'],
      ['isp', '[2001:db8:2::10]:7300', 'app 2001:db8:2::1'],
      ['outside', `${HOST4}:7300`, `alt ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `[${HOST6}]:7300`, `alt ${CLIENT6}`, { source: CLIENT6 }],
      ['host', '127.0.0.1:7300', 'app'],
    ]))

  test('what one topology publishes on one uplink, another may on the other', () =>
    expectPaths(host, [
      ['isp', '192.0.2.10:7300', 'four 192.0.2.1', { protocol: 'udp' }],
      ['outside', `${HOST4}:7300`, `rest ${CLIENT4}`, { protocol: 'udp', source: CLIENT4 }],
    ]))

  test('what is published on no uplink is for the host and the namespaces', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:7310`, 'closed'],
      ['isp', '192.0.2.10:7310', 'closed'],
      ['host', '127.0.0.1:7310', 'app'],
      ['alt', `${HOST4}:7310`, 'app 10.50.1.2'],
      ['rest', `${HOST4}:7310`, 'app 10.51.0.2'],
    ]))

  test('sources restrict who outside gets in, and nobody else', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:7400`, `app ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `${HOST4}:7400`, `app ${CLIENT4}`, { source: CLIENT4, protocol: 'udp' }],
      ['outside', `[${HOST6}]:7400`, `app ${CLIENT6}`, { source: CLIENT6 }],
      ['outside', `${HOST4}:7400`, 'closed', { source: ROUTER4 }],
      ['outside', `${HOST4}:7400`, 'closed', { source: ROUTER4, protocol: 'udp' }],
      ['outside', `[${HOST6}]:7400`, 'closed', { source: ROUTER6 }],
      ['isp', '192.0.2.10:7400', 'closed'],
      ['host', '127.0.0.1:7400', 'app'],
      ['alt', `${HOST4}:7400`, 'app'],
      ['alt', `[${HOST6}]:7400`, 'app'],
      ['rest', `${HOST4}:7400`, 'app'],
      ['outside', `${HOST4}:7410`, `app ${ROUTER4}`, { source: ROUTER4 }],
      ['outside', `${HOST4}:7410`, 'closed', { source: CLIENT4 }],
      // Sources of one family open nothing in the other.
      ['outside', `[${HOST6}]:7410`, 'closed'],
      ['isp', '192.0.2.10:7420', 'closed'],
    ]))

  test('a target without a family is not published in it', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:7500`, 'four'],
      ['outside', `[${HOST6}]:7500`, 'closed'],
    ]))

  test('destroy gives the host back as it was', async () => {
    await destroy(host, ['ports'])
    await destroy(host, ['second'])
    expect(difference(before, await picture(host))).toEqual([])
  })
})
