import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from '../host/host.ts'
import { addNeighbour, script } from '../host/paths.ts'
import { briefly, PATIENTLY } from '../host/patience.ts'
import type { Probe } from '../host/peer.ts'
import { applyText, changesOf, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const [HOST] = OUTSIDE.host
const [CLIENT] = OUTSIDE.client
const [ROUTER] = OUTSIDE.router

/** Silence is what a DROP gives: no need to wait long for it. */
const BRIEFLY = briefly()

let host: Host
let before: Picture

const ask = async (...probes: Probe[]) =>
  (await host.probe(probes)).map(({ ok, name, client, error }) => (ok ? `${name} ${client}` : error))

const shown = async (namespace: string, ...args: string[]) =>
  JSON.parse((await host.run('ip', ['-n', namespace, '-j', '-d', ...args])).stdout)

const sysctl = async (namespace: string, key: string) =>
  (await host.in(namespace, 'sysctl', ['-n', key])).stdout.trim()

const givesBackTheHost = async () => {
  await destroy(host)
  expect(difference(before, await picture(host))).toEqual([])
}

describe('namespaces joined to each other, without the host', () => {
  const CHAIN = `
name: chain
subnets:
  side: 10.3.0.0/24
namespaces:
  left:
    routes:
      - { to: default, via: 10.2.0.1 }
      - { to: 192.0.2.0/24, type: blackhole, metric: 50 }
      - { to: 192.0.2.0/25, type: unreachable }
  middle:
    sysctls: { net.ipv4.ip_forward: 1, net/ipv4/conf/m-left/rp_filter: 2, net.core.somaxconn: 100 }
  right:
    routes:
      - { to: 10.2.0.0/31, via: 10.2.1.1, dev: r0, metric: 7 }
      - { to: 10.2.0.0/31, via: 10.2.9.1, metric: 8 }
veths:
  - mtu: 1400
    ends:
      - { namespace: left, interface: l0, address: 10.2.0.0/31, mac: '02:00:00:00:0a:01' }
      - { namespace: middle, interface: m-left, address: 10.2.0.1/31 }
  - ends:
      - { namespace: middle, interface: m-right, address: [10.2.1.1/24, 10.2.9.1/24] }
      - { namespace: right, interface: r0, address: [10.2.1.2/24, 10.2.9.2/24], mac: '02:00:00:00:0a:02' }
  - { subnet: side, ends: [left, right] }
  - { ends: ['left:spare', 'right:spare'] }
`
  const withoutSettings = CHAIN.replace(/ *sysctls: .*/, '    {}').replace(
    '  middle:\n    {}',
    '  middle: {}',
  )

  beforeAll(async () => {
    host = await createHost({ uplink: false })
    // The first namespace ever makes `ip` mount /run/netns, for good.
    await host.run('sh', ['-ec', 'ip netns add first; ip netns del first'])
    before = await picture(host)
    await applyText(host, CHAIN)
    await Promise.all([
      host.serve({ name: 'right', namespace: 'right', tcp: [80] }),
      host.serve({ name: 'left', namespace: 'left', tcp: [80] }),
    ])
  })
  afterAll(() => host.dispose())

  test('one routes between two others, where its sysctls say so', async () => {
    expect(
      await ask(
        { from: 'left', address: '10.2.1.2', port: 80 },
        { from: 'right', address: '10.2.0.0', port: 80 },
      ),
    ).toEqual(['right 10.2.0.0', 'left 10.2.1.2'])
  })

  test('a subnet between two of them reserves no gateway, and gives no default route', async () => {
    expect(await ask({ from: 'left', address: '10.3.0.2', port: 80 })).toEqual(['right 10.3.0.1'])
    expect(await shown('right', 'route', 'show', 'default')).toEqual([])
  })

  test('links have the MAC and MTU of the file', async () => {
    expect(await shown('left', 'link', 'show', 'dev', 'l0')).toMatchObject([
      { mtu: 1400, address: '02:00:00:00:0a:01', operstate: 'UP' },
    ])
    expect(await shown('middle', 'link', 'show', 'dev', 'm-left')).toMatchObject([{ mtu: 1400 }])
    expect(await shown('middle', 'link', 'show', 'dev', 'm-right')).toMatchObject([{ mtu: 1500 }])
    expect(await shown('right', 'link', 'show', 'dev', 'r0')).toMatchObject([
      { address: '02:00:00:00:0a:02' },
    ])
  })

  test('routes have the type and metric of the file', async () => {
    expect(await shown('left', 'route')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'blackhole', dst: '192.0.2.0/24', metric: 50 }),
        expect.objectContaining({ type: 'unreachable', dst: '192.0.2.0/25' }),
      ]),
    )
    expect(await shown('right', 'route', 'show', '10.2.0.0/31')).toEqual([
      expect.objectContaining({ gateway: '10.2.1.1', dev: 'r0', metric: 7 }),
      expect.objectContaining({ gateway: '10.2.9.1', dev: 'r0', metric: 8 }),
    ])
  })

  test('settings of a namespace go back to what they were when they leave the file', async () => {
    expect(await sysctl('middle', 'net.core.somaxconn')).toBe('100')
    expect(await sysctl('middle', 'net.ipv4.conf.m-left.rp_filter')).toBe('2')
    const fresh = await sysctl('left', 'net.core.somaxconn')
    const changes = await changesOf(host, withoutSettings)
    expect(changes.map(({ kind }) => kind)).toEqual(['sysctl', 'sysctl', 'sysctl'])
    await applyText(host, withoutSettings)
    expect(await sysctl('middle', 'net.core.somaxconn')).toBe(fresh)
    expect(await sysctl('middle', 'net.ipv4.ip_forward')).toBe('0')
    expect(await sysctl('middle', 'net.ipv4.conf.m-left.rp_filter')).not.toBe('2')
    expect(await ask({ from: 'left', address: '10.2.1.2', port: 80, timeout: BRIEFLY })).not.toEqual([
      'right 10.2.0.0',
    ])
  })

  test('destroy gives the host back as it was', givesBackTheHost)
})

describe('several uplinks', () => {
  const WAYS = `
name: ways
uplinks: [default, wan]
subnets:
  all: { cidr: 10.1.0.0/24, mtu: 1420 }
  one: { cidr: 10.1.1.0/24, uplinks: [wan] }
  none: { cidr: 10.1.2.0/24, uplinks: [] }
  plain: { cidr: 10.1.3.0/24, masquerade: false, gateway: 10.1.3.254 }
  tiny: 10.1.4.0/31
namespaces: { n-all: {}, n-one: {}, n-none: {}, n-plain: {}, n-tiny: {} }
veths:
  - { subnet: all, ends: [host, n-all], mtu: 1400 }
  - { subnet: one, ends: [host, { namespace: n-one, address: 10.1.1.77 }] }
  - { subnet: none, ends: [host, n-none] }
  - { subnet: plain, ends: [host, n-plain] }
  - { subnet: tiny, ends: [host, n-tiny] }
forwards:
  - { listen: 7000, to: n-all:8080, uplinks: [wan] }
  - { listen: '192.0.2.10:7001', to: n-one:8080 }
  - { listen: '127.0.0.1:7002', to: n-none:8080 }
  - { listen: 7003, to: n-tiny:8080 }
`

  beforeAll(async () => {
    host = await createHost()
    await addNeighbour(host, 'isp', 'wan', '192.0.2')
    await script(
      host,
      `
      ip -n outside route add 10.1.0.0/16 via ${HOST}
      ip -n outside route add 192.0.2.0/24 via ${HOST}
      `,
    )
    before = await picture(host)
    await applyText(host, WAYS)
    const inside = ['n-all', 'n-one', 'n-none', 'n-plain', 'n-tiny']
    await Promise.all([
      ...inside.map(name => host.serve({ name, namespace: name, tcp: [8080] })),
      host.serve({ name: 'isp', namespace: 'isp', tcp: [80] }),
      host.serve({ name: 'outside', namespace: 'outside', tcp: [80] }),
      host.serve({ name: 'service', tcp: [7100] }),
    ])
  })
  afterAll(() => host.dispose())

  test('a subnet leaves through each uplink under that one’s address, and no other way than its own', async () => {
    const ways = (from: string, timeout = PATIENTLY) => [
      { from, address: CLIENT, port: 80, timeout },
      { from, address: '192.0.2.1', port: 80, timeout },
    ]
    expect(
      await ask(...ways('n-all'), ...ways('n-one', BRIEFLY), ...ways('n-none', BRIEFLY), ...ways('n-plain')),
    ).toEqual([
      ...[`outside ${HOST}`, 'isp 192.0.2.10'],
      ...['timeout', 'isp 192.0.2.10'],
      ...['timeout', 'timeout'],
      ...['outside 10.1.3.1', 'isp 10.1.3.1'],
    ])
  })

  test('a subnet without a way out reaches the host', async () => {
    expect(await ask({ from: 'n-none', address: '10.1.2.1', port: 7100 })).toEqual(['service 10.1.2.2'])
  })

  test('a subnet that is routed, not masqueraded, is not open for it', async () => {
    expect(
      await ask(
        { from: 'isp', address: '10.1.3.1', port: 8080, timeout: BRIEFLY },
        { from: 'outside', address: '10.1.3.1', port: 8080, timeout: BRIEFLY },
        { from: 'host', address: '10.1.3.1', port: 8080 },
      ),
    ).toEqual(['timeout', 'timeout', 'n-plain 10.1.3.254'])
  })

  test('an uplink does not route for the neighbours of another', async () => {
    expect(
      await ask(
        { from: 'outside', address: '192.0.2.1', port: 80, timeout: BRIEFLY },
        { from: 'isp', address: ROUTER, port: 80, timeout: BRIEFLY },
      ),
    ).toEqual(['timeout', 'timeout'])
  })

  test('a forward is published on its uplinks only, and to the host and its namespaces', async () => {
    expect(
      await ask(
        { from: 'isp', address: '192.0.2.10', port: 7000 },
        { from: 'outside', address: HOST, port: 7000 },
        { from: 'host', address: HOST, port: 7000 },
        { from: 'n-one', address: '10.1.1.1', port: 7000 },
      ),
    ).toEqual(['n-all 192.0.2.1', 'ECONNREFUSED', `n-all ${HOST}`, 'n-all 10.1.1.77'])
  })

  test('a forward of one address listens on no other', async () => {
    expect(
      await ask(
        { from: 'isp', address: '192.0.2.10', port: 7001 },
        { from: 'n-all', address: '192.0.2.10', port: 7001 },
        { from: 'outside', address: HOST, port: 7001 },
        { from: 'host', address: '127.0.0.1', port: 7001 },
      ),
    ).toEqual(['n-one 192.0.2.1', 'n-one 10.1.0.2', 'ECONNREFUSED', 'ECONNREFUSED'])
  })

  test('a forward of 127.0.0.1 is for the host alone', async () => {
    expect(
      await ask(
        { from: 'host', address: '127.0.0.1', port: 7002 },
        { from: 'host', address: HOST, port: 7002 },
        { from: 'outside', address: HOST, port: 7002 },
        { from: 'n-all', address: '10.1.0.1', port: 7002 },
      ),
    ).toEqual(['n-none 10.1.2.1', 'ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED'])
  })

  test('both addresses of a /31 are in use', async () => {
    expect(
      await ask(
        { from: 'outside', source: CLIENT, address: HOST, port: 7003 },
        { from: 'n-tiny', address: CLIENT, port: 80 },
      ),
    ).toEqual([`n-tiny ${CLIENT}`, `outside ${HOST}`])
    expect(await shown('n-tiny', 'address', 'show', 'dev', 'eth0')).toMatchObject([
      { addr_info: expect.arrayContaining([expect.objectContaining({ local: '10.1.4.1', prefixlen: 31 })]) },
    ])
  })

  test('the MTU of a veth wins over its subnet’s', async () => {
    expect(await shown('n-all', 'link', 'show', 'dev', 'eth0')).toMatchObject([{ mtu: 1400 }])
  })

  test('destroy gives the host back as it was', givesBackTheHost)
})

describe('names, routes and the policy of the host', () => {
  const NAMED = `
name: named
uplinks: [ens5]
subnets: { web: { cidr: 10.5.0.0/24, mtu: 1420 }, db: 10.5.1.0/24 }
namespaces:
  front:
    nameservers: [192.0.2.53, 192.0.2.54]
    search: [example.org, example.net]
    routes: [{ to: 10.77.0.0/16, via: 10.5.1.1, dev: eth1 }]
  back: {}
veths:
  - { subnet: web, ends: [host:toweb, front] }
  - { subnet: db, ends: [host:todb, front] }
host:
  forward-policy: drop
  routes:
    - { to: 10.88.0.0/16, via: 10.5.0.2 }
    - { to: 10.89.0.0/16, via: ${ROUTER} }
    - { to: 10.90.0.0/16, type: blackhole, metric: 9 }
`

  beforeAll(async () => {
    host = await createHost()
    before = await picture(host)
    await applyText(host, NAMED)
  })
  afterAll(() => host.dispose())

  test('a namespace has its own resolv.conf, and nsctl exec puts it in place', async () => {
    const { stdout } = await host.nsctl(['exec', 'front', '--', 'cat', '/etc/resolv.conf'])
    expect(stdout).toBe(
      '# nsctl:named\nnameserver 192.0.2.53\nnameserver 192.0.2.54\nsearch example.org example.net\n',
    )
    expect(await host.read('/etc/netns/front/resolv.conf')).toBe(stdout)
    const other = await host.nsctl(['exec', 'back', '--', 'cat', '/etc/resolv.conf'])
    expect(other.stdout).toBe(await host.read('/etc/resolv.conf'))
  })

  test('the first veth of a namespace is its default route, the second is not', async () => {
    expect(await shown('front', 'route', 'show', 'default')).toMatchObject([
      { gateway: '10.5.0.1', dev: 'eth0' },
    ])
    expect(await shown('front', 'link', 'show', 'dev', 'eth0')).toMatchObject([{ mtu: 1420 }])
    expect(await shown('front', 'route', 'show', '10.77.0.0/16')).toMatchObject([
      { gateway: '10.5.1.1', dev: 'eth1' },
    ])
  })

  test('the host has its routes, marked as nsctl’s', async () => {
    const routes = JSON.parse((await host.run('ip', ['-N', '-j', 'route', 'show', 'proto', '110'])).stdout)
    expect(routes).toMatchObject([
      { dst: '10.88.0.0/16', gateway: '10.5.0.2', dev: 'toweb' },
      { dst: '10.89.0.0/16', gateway: ROUTER, dev: 'ens5' },
      { dst: '10.90.0.0/16', metric: 9 },
    ])
  })

  test('the FORWARD policy is DROP, and goes back when it leaves the file', async () => {
    const policy = async () => (await host.run('iptables', ['-S', 'FORWARD'])).stdout.split('\n')[0]
    expect(await policy()).toBe('-P FORWARD DROP')
    await applyText(host, NAMED.replace('  forward-policy: drop\n', ''))
    expect(await policy()).toBe('-P FORWARD ACCEPT')
    await applyText(host, NAMED)
    expect(await policy()).toBe('-P FORWARD DROP')
  })

  test('routes of the host that leave the file leave the host', async () => {
    await applyText(host, NAMED.replace(/ {4}- \{ to: 10\.8.*\n/g, ''))
    const routes = JSON.parse((await host.run('ip', ['-N', '-j', 'route', 'show', 'proto', '110'])).stdout)
    expect(routes).toMatchObject([{ dst: '10.90.0.0/16' }])
    await applyText(host, NAMED)
  })

  test('destroy gives the host back as it was', givesBackTheHost)
})

test('links of IPv4 alone may have an MTU below what IPv6 needs: the kernel then knows no IPv6 on them', async () => {
  await using narrow = await createHost({ uplink: false })
  await narrow.run('sh', ['-ec', 'ip netns add first; ip netns del first'])
  const asItWas = await picture(narrow)
  const withMtu = (mtu: number) => `name: narrow
subnets:
  pair: { cidr: 10.9.0.0/24, mtu: ${mtu} }
  segment: { cidr: 10.9.1.0/24, bridge: br-narrow, mtu: ${mtu} }
namespaces: { one: {}, two: {} }
veths:
  - { subnet: pair, ends: [host, one] }
  - { subnet: segment, ends: [host, two] }
`
  for (const mtu of [576, 1500, 1000]) await applyText(narrow, withMtu(mtu))
  await destroy(narrow)
  expect(difference(asItWas, await picture(narrow))).toEqual([])
})
