import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6 } from '../host/addresses.ts'
import type { Started } from '../host/holder.ts'
import { createHost, type Host } from '../host/host.ts'
import { addNeighbour, expectPaths, script, serveIn } from '../host/paths.ts'
import { applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

/** One subnet of both families, one of IPv6 alone with addresses of the internet, one of IPv4 alone. */
const MATRIX = `
name: matrix
uplinks: [ens5, wan]
subnets:
  both: { cidr: [10.10.1.0/24, fd10:1::/64] }
  six: 2001:db8:600::/64
  four: 10.10.4.0/24
namespaces: { n-both: {}, n-six: {}, n-four: {} }
veths:
  - { subnet: both, ends: [host, n-both] }
  - { subnet: six, ends: [host, n-six] }
  - { subnet: four, ends: [host, n-four] }
forwards:
  - { listen: 6000, to: n-both:8080, protocol: [tcp, udp] }
  - { listen: '[::]:6006', to: n-six:8080, protocol: [tcp, udp] }
  - { listen: 6004, to: n-four:8080 }
`

describe.each(['nft', 'legacy'])('every direction in both families, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture
  let outside: Started | undefined
  let service: Started | undefined

  beforeAll(async () => {
    host = await createHost()
    await addNeighbour(host, 'isp', 'wan', '192.0.2', '2001:db8:2')
    await addNeighbour(host, 'lan', 'lan0', '10.9.0', 'fd09')
    await script(
      host,
      `
      # Everybody outside knows the way to what they should not reach.
      for net in 10.9.0.0/24 10.10.0.0/16; do ip -n outside route add $net via ${HOST4}; done
      for net in fd09::/64 fd10::/16 2001:db8:600::/64; do ip -n outside route add $net via ${HOST6}; done
      # The administrator lets transit to the machine in lan through.
      sysctl -q -w net.ipv4.conf.lan0.forwarding=1 net.ipv6.conf.lan0.force_forwarding=1
      iptables-${variant} -A FORWARD -i ens5 -o lan0 -p tcp -j ACCEPT
      ip6tables-${variant} -A FORWARD -i ens5 -o lan0 -p tcp -j ACCEPT
      `,
    )
    before = await picture(host)
    await applyText(host, MATRIX, options)
    await script(
      host,
      `
      ip -n n-both address add 10.66.0.1/32 dev lo
      ip -n n-both address add fd66::1/128 dev lo
      ip -n n-both address add 10.10.4.99/32 dev lo
      ip -n n-both route add local 2001:db8:600::99/128 dev lo
      ip netns exec n-both sysctl -q -w net.ipv6.ip_nonlocal_bind=1
      `,
    )
    ;[outside] = await serveIn(host, { outside: [80], isp: [80], lan: [6000, 8080] }, [53])
    ;[service] = await serveIn(host, { host: [7001] }, [7001])
    await Promise.all([
      serveIn(host, { 'n-both': [8080], 'n-six': [8080], 'n-four': [8080] }, [8080]),
      host.serve({ name: 'loopback', tcp: [7000], udp: [7000], address: '127.0.0.1' }),
    ])
  })
  afterAll(() => host.dispose())

  test('published ports are reached from outside, through each uplink, by the client’s own address', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:6000`, `n-both ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `[${HOST6}]:6000`, `n-both ${CLIENT6}`, { source: CLIENT6 }],
      ['outside', `[${HOST6}]:6006`, `n-six ${CLIENT6}`, { source: CLIENT6 }],
      ['outside', `${HOST4}:6004`, `n-four ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `${HOST4}:6000`, `n-both ${CLIENT4}`, { source: CLIENT4, protocol: 'udp' }],
      ['outside', `[${HOST6}]:6006`, `n-six ${CLIENT6}`, { source: CLIENT6, protocol: 'udp' }],
      ['isp', '192.0.2.10:6000', 'n-both 192.0.2.1'],
      ['isp', '[2001:db8:2::10]:6006', 'n-six 2001:db8:2::1'],
      // A published port is one of the host's, whichever of its addresses the packet is for.
      ['isp', `${HOST4}:6004`, 'n-four 192.0.2.1'],
    ]))

  test('published ports are reached from the host, at 127.0.0.1 and each own address', () =>
    expectPaths(host, [
      ['host', '127.0.0.1:6000', 'n-both 10.10.1.1'],
      ['host', '127.0.0.1:6000', 'n-both 10.10.1.1', { protocol: 'udp' }],
      ['host', '127.9.9.9:6004', 'n-four 10.10.4.1'],
      ...[HOST4, '192.0.2.10', '10.9.0.10', '10.10.1.1', '10.10.4.1'].map(
        address => ['host', `${address}:6000`, 'n-both'] as [string, string, string],
      ),
      ...[HOST6, '2001:db8:2::10', 'fd09::10', 'fd10:1::1', '2001:db8:600::1'].map(
        address => ['host', `[${address}]:6006`, 'n-six'] as [string, string, string],
      ),
    ]))

  test('a namespace reaches its own published port, at any address of the host', () =>
    expectPaths(host, [
      ['n-both', `${HOST4}:6000`, 'n-both'],
      ['n-both', '10.10.1.1:6000', 'n-both'],
      ['n-both', `[${HOST6}]:6000`, 'n-both'],
      ['n-both', '[fd10:1::1]:6000', 'n-both', { protocol: 'udp' }],
      ['n-six', `[${HOST6}]:6006`, 'n-six'],
      ['n-six', '[2001:db8:600::1]:6006', 'n-six', { protocol: 'udp' }],
    ]))

  test('a namespace reaches its siblings’ published ports, by its own address', () =>
    expectPaths(host, [
      ['n-four', `${HOST4}:6000`, 'n-both 10.10.4.2'],
      ['n-four', '10.10.4.1:6000', 'n-both 10.10.4.2'],
      ['n-four', '10.10.1.1:6000', 'n-both 10.10.4.2', { protocol: 'udp' }],
      ['n-six', `[${HOST6}]:6000`, 'n-both 2001:db8:600::2'],
      ['n-six', '[2001:db8:600::1]:6000', 'n-both 2001:db8:600::2'],
      ['n-both', '[fd10:1::1]:6006', 'n-six fd10:1::2'],
    ]))

  test('namespaces leave through each uplink, masqueraded but for addresses of the internet', () =>
    expectPaths(host, [
      ['n-both', `${CLIENT4}:80`, `outside ${HOST4}`],
      ['n-both', `[${CLIENT6}]:80`, `outside ${HOST6}`],
      ['n-both', `[${CLIENT6}]:53`, `outside ${HOST6}`, { protocol: 'udp' }],
      ['n-both', '192.0.2.1:80', 'isp 192.0.2.10'],
      ['n-both', '[2001:db8:2::1]:80', 'isp 2001:db8:2::10'],
      ['n-six', `[${CLIENT6}]:80`, 'outside 2001:db8:600::2'],
      ['n-six', '[2001:db8:2::1]:80', 'isp 2001:db8:600::2'],
    ]))

  test('no namespace is reached but at its published ports: not by another, not from outside', () =>
    expectPaths(host, [
      ...['n-four', 'outside', 'isp', 'lan'].map(
        from => [from, '10.10.1.2:8080', 'timeout'] as [string, string, string],
      ),
      ...['n-six', 'outside', 'isp', 'lan'].map(
        from => [from, '[fd10:1::2]:8080', 'closed'] as [string, string, string],
      ),
      ...['n-both', 'outside', 'isp', 'lan'].map(
        from => [from, '[2001:db8:600::2]:8080', 'timeout'] as [string, string, string],
      ),
      ['outside', '10.10.1.2:8080', 'timeout', { protocol: 'udp' }],
      ['outside', '[2001:db8:600::2]:8080', 'timeout', { protocol: 'udp' }],
    ]))

  test('what a namespace sends under an address that is not its own is dropped', async () => {
    await expectPaths(host, [
      // Nobody's, and a sibling's: at the server outside, and at the host.
      ['n-both', `${CLIENT4}:53`, 'closed', { protocol: 'udp', source: '10.66.0.1' }],
      ['n-both', `[${CLIENT6}]:53`, 'closed', { protocol: 'udp', source: 'fd66::1' }],
      ['n-both', `${CLIENT4}:53`, 'closed', { protocol: 'udp', source: '10.10.4.99' }],
      ['n-both', `[${CLIENT6}]:53`, 'closed', { protocol: 'udp', source: '2001:db8:600::99' }],
      ['n-both', '10.10.1.1:7001', 'closed', { protocol: 'udp', source: '10.10.4.99' }],
      ['n-both', `${CLIENT4}:53`, `outside ${HOST4}`, { protocol: 'udp' }],
      ['n-both', `[${CLIENT6}]:53`, `outside ${HOST6}`, { protocol: 'udp' }],
      ['n-both', '10.10.1.1:7001', 'host 10.10.1.2', { protocol: 'udp' }],
    ])
    const askedBy = `${outside?.stdout()}${service?.stdout()}`.match(/(?<=^asked by ).*/gm) ?? []
    expect(askedBy).toEqual(expect.arrayContaining([HOST4, HOST6, '10.10.1.2']))
    for (const forged of ['10.66.0.1', 'fd66::1', '10.10.4.99', '2001:db8:600::99'])
      expect(askedBy).not.toContain(forged)
  })

  test('services of the host are open to namespaces, its loopback is not', () =>
    expectPaths(host, [
      ['n-both', '10.10.1.1:7001', 'host 10.10.1.2'],
      ['n-both', '[fd10:1::1]:7001', 'host fd10:1::2'],
      ['n-both', `[${HOST6}]:7001`, 'host fd10:1::2'],
      ['host', '127.0.0.1:7000', 'loopback 127.0.0.1'],
      ['n-both', '10.10.1.1:7000', 'ECONNREFUSED'],
    ]))

  test('transit is neither hijacked, whatever its port, nor opened by the forwarding of an uplink', () =>
    expectPaths(host, [
      ['outside', '10.9.0.1:6000', `lan ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', '[fd09::1]:6000', `lan ${CLIENT6}`, { source: CLIENT6 }],
      ['outside', '10.9.0.1:53', 'timeout', { protocol: 'udp' }],
      ['outside', '[fd09::1]:53', 'timeout', { protocol: 'udp' }],
      ['isp', `${CLIENT4}:80`, 'timeout'],
      ['isp', `[${CLIENT6}]:80`, 'timeout'],
      ['isp', '10.9.0.1:8080', 'timeout'],
      ['isp', '[fd09::1]:8080', 'timeout'],
    ]))

  test('destroy gives the host back as it was', async () => {
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })
})

test('a port published on [::1] is refused, with the reason', async () => {
  await using host = await createHost({ uplink: false })
  await host.write('/run/t.yaml', MATRIX.replace("'[::]:6006'", "'[::1]:6006'"))
  const { exitCode, stderr, stdout } = await host.nsctl(['plan', '/run/t.yaml'])
  expect({ exitCode, text: stderr + stdout }).toEqual({
    exitCode: 65,
    text: expect.stringMatching(/listen-on-ipv6-loopback.*route_localnet/s),
  })
})
