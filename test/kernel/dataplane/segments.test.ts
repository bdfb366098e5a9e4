import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { bridgeNetfilter, expectPaths, script, serveIn } from '../host/paths.ts'
import { applyText, changesOf, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

/** Two segments, one of them without the host in it, and members of both. */
const SEGMENTS = `
name: segments
uplinks: [ens5]
subnets:
  lan: { cidr: [10.20.0.0/24, fd20::/64], bridge: br-lan }
  dmz: { cidr: [10.21.0.0/24, fd21::/64], bridge: br-dmz }
  quiet: { cidr: [10.22.0.0/24, fd22::/64], bridge: br-quiet, gateway: none }
namespaces: { one: {}, two: {}, three: {}, far: {} }
veths:
  - { subnet: lan, ends: [host, one] }
  - { subnet: lan, ends: [host, two] }
  - { subnet: dmz, ends: [host, far] }
  - { subnet: dmz, ends: [host, two] }
  - { subnet: quiet, ends: [host, one] }
  - { subnet: quiet, ends: [host, three] }
forwards:
  - { listen: 8001, to: one:80, protocol: [tcp, udp] }
  - { listen: 8002, to: two:80 }
  - { listen: 8003, to: { namespace: two, subnet: dmz, port: 80 } }
`

const places = ['nft', 'legacy'].flatMap(variant =>
  [0, 1].map((filtered): [string, number] => [variant, filtered]),
)

describe.each(places)('shared segments, with iptables-%s and br_netfilter %i', (variant, filtered) => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture
  let available: boolean

  beforeAll(async () => {
    host = await createHost()
    available = await bridgeNetfilter(host, filtered === 1)
    await script(
      host,
      `
      for net in 10.20.0.0/16 10.21.0.0/24 10.22.0.0/24; do ip -n outside route add $net via ${HOST4}; done
      ip -n outside route add fd20::/12 via ${HOST6}
      `,
    )
    before = await picture(host)
    await applyText(host, SEGMENTS, options)
    await serveIn(
      host,
      { one: [80, 81], two: [80], three: [80], far: [80], outside: [80], host: [7001] },
      [80, 7001],
    )
  })
  afterAll(() => host.dispose())

  test('the kernel filters within bridges as this run is about', ({ skip }) => {
    if (!available) skip('the kernel has no br_netfilter, or none per network namespace')
  })

  test('members reach each other directly, at once and by their own addresses, in both families', () =>
    expectPaths(host, [
      ['one', '10.20.0.3:80', 'two 10.20.0.2'],
      ['two', '10.20.0.2:81', 'one 10.20.0.3'],
      ['one', '[fd20::3]:80', 'two fd20::2'],
      ['two', '[fd20::2]:80', 'one fd20::3', { protocol: 'udp' }],
    ]))

  test('members of a segment without the host reach each other, and nobody else', () =>
    expectPaths(host, [
      ['one', '10.22.0.2:80', 'three 10.22.0.1'],
      ['three', '10.22.0.1:80', 'one 10.22.0.2', { protocol: 'udp' }],
      ['one', '[fd22::2]:80', 'three fd22::1'],
      ['three', '[fd22::1]:80', 'one fd22::2', { protocol: 'udp' }],
      ['host', '10.22.0.2:80', 'closed'],
      ['outside', '10.22.0.2:80', 'closed'],
      ['three', `${CLIENT4}:80`, 'closed'],
      ['three', `${HOST4}:7001`, 'closed'],
    ]))

  test('who is in a segment without the host gets no further by taking the bridge for a gateway', async () => {
    const [{ address }] = JSON.parse((await host.run('ip', ['-j', 'link', 'show', 'dev', 'br-quiet'])).stdout)
    // As a host does on which Docker runs.
    const forwarding = (value: number) =>
      host.run('sysctl', ['-q', '-w', `net.ipv4.conf.br-quiet.forwarding=${value}`])
    await forwarding(1)
    await script(
      host,
      `
      ip -n three neigh add 10.22.0.77 lladdr ${address} dev eth0
      ip -n three route add default via 10.22.0.77
      `,
    )
    const outside = await host.serve({ name: 'x', namespace: 'outside', udp: [5000], address: CLIENT4 })
    const service = await host.serve({ name: 'x', udp: [5000], address: HOST4 })
    await expectPaths(host, [
      ['three', `${CLIENT4}:5000`, 'closed', { protocol: 'udp' }],
      ['three', `${HOST4}:5000`, 'closed', { protocol: 'udp' }],
      ['three', '10.20.0.2:81', 'closed'],
      ['host', `${HOST4}:5000`, 'x', { protocol: 'udp' }],
      ['host', `${CLIENT4}:5000`, 'x', { protocol: 'udp' }],
    ])
    expect(outside.stdout() + service.stdout()).not.toContain('asked by 10.22')
    await script(host, 'ip -n three route del default; ip -n three neigh del 10.22.0.77 dev eth0')
    await forwarding(0)
    await Promise.all([outside.stop(), service.stop()])
  })

  test('segments are kept apart, and from outside', () =>
    expectPaths(host, [
      ['one', '10.21.0.2:80', 'timeout'],
      ['far', '10.20.0.2:81', 'timeout'],
      ['far', '[fd20::2]:81', 'closed'],
      ['outside', '10.20.0.2:81', 'timeout'],
      ['outside', '[fd20::2]:81', 'timeout'],
    ]))

  test('published ports are reached from everywhere: outside, the host, a sibling, the namespace itself', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:8001`, `one ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `[${HOST6}]:8001`, `one ${CLIENT6}`, { source: CLIENT6 }],
      ['host', '127.0.0.1:8001', 'one 10.20.0.1'],
      ['host', `[${HOST6}]:8001`, 'one'],
      ['two', `${HOST4}:8001`, 'one 10.20.0.1'],
      ['two', '10.20.0.1:8001', 'one 10.20.0.1'],
      ['two', '[fd20::1]:8001', 'one fd20::1', { protocol: 'udp' }],
      ['far', `${HOST4}:8001`, 'one 10.21.0.2'],
      ['far', '[fd21::1]:8001', 'one fd21::2'],
      ['one', `${HOST4}:8001`, 'one 10.20.0.1'],
      ['one', '10.20.0.1:8001', 'one 10.20.0.1', { protocol: 'udp' }],
      ['one', '[fd20::1]:8001', 'one fd20::1'],
    ]))

  test('a namespace in two segments answers by the end that was asked, whoever asks', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:8003`, `two ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `[${HOST6}]:8003`, `two ${CLIENT6}`, { source: CLIENT6 }],
      ['far', '10.21.0.3:80', 'two 10.21.0.2'],
      ['far', '[fd21::3]:80', 'two fd21::2'],
      ['two', '10.21.0.2:80', 'far 10.21.0.3'],
      ['one', `${HOST4}:8003`, 'two 10.20.0.2'],
      ['two', `${HOST4}:8003`, 'two'],
      ['two', '[fd21::1]:8003', 'two'],
    ]))

  test('what such an end answers to its own segment goes there directly, not by the gateway', async () => {
    const routeFrom = async (from: string, to: string) =>
      JSON.parse((await host.run('ip', ['-n', 'two', '-j', 'route', 'get', to, 'from', from])).stdout)
    expect(await routeFrom('10.21.0.3', '10.21.0.2')).not.toMatchObject([{ gateway: expect.anything() }])
    expect(await routeFrom('fd21::3', 'fd21::2')).not.toMatchObject([{ gateway: expect.anything() }])
    expect(await routeFrom('10.21.0.3', CLIENT4)).toMatchObject([{ gateway: '10.21.0.1' }])
  })

  test('members leave masqueraded, and reach the services of the host', () =>
    expectPaths(host, [
      ['one', `${CLIENT4}:80`, `outside ${HOST4}`],
      ['far', `[${CLIENT6}]:80`, `outside ${HOST6}`],
      ['one', '10.20.0.1:7001', 'host 10.20.0.2'],
      ['one', '[fd20::1]:7001', 'host fd20::2'],
    ]))

  test('who joins or leaves a segment renumbers nobody, and breaks no connection', async () => {
    const wider = SEGMENTS.replace('{ one: {},', '{ zero: {}, one: {},').replace(
      'veths:\n',
      'veths:\n  - { subnet: lan, ends: [host, zero] }\n',
    )
    const joined = await changesOf(host, wider)
    expect(
      joined.filter(({ kind }) => kind === 'address').map(({ id, action }) => `${action} ${id}`),
    ).toEqual([expect.stringMatching(/^create .*zero/), expect.stringMatching(/^create .*zero/)])
    await applyText(host, wider, options)
    await serveIn(host, { zero: [80] })
    await expectPaths(host, [
      ['zero', '10.20.0.2:81', 'one 10.20.0.4'],
      ['one', '[fd20::4]:80', 'zero fd20::2'],
    ])
    const without = wider
      .replace('  - { subnet: lan, ends: [host, one] }\n', '')
      .replace(/ {2}- .*8001.*\n/, '')
    await applyText(host, without, options)
    await expectPaths(host, [
      ['zero', '10.20.0.3:80', 'two 10.20.0.4'],
      ['one', '10.22.0.2:80', 'three 10.22.0.1'],
    ])
  })

  test('destroy gives the host back as it was', async () => {
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })
})
