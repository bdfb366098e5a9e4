import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { addNeighbour, expectPaths, script, serveIn } from '../host/paths.ts'
import { applyFile, applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const WAYS = `
name: ways
uplinks: [ens5, wan]
subnets:
  net: { cidr: [10.40.0.0/24, fd40::/64] }
  open: { cidr: [10.40.1.0/24, fd40:0:0:1::/64], masquerade: false }
namespaces: { web: {}, lone: {} }
veths:
  - { subnet: net, ends: [host, web] }
  - { subnet: open, ends: [host, lone] }
forwards:
  - { listen: 7000, to: web:80, protocol: [tcp, udp] }
allow:
  - { from: outside, to: lone, ports: [80] }
`

const OTHER = WAYS.replace('name: ways', 'name: other')
  .replaceAll('10.40.', '10.41.')
  .replaceAll('fd40:', 'fd41:')
  .replace('{ web: {}, lone: {} }', '{ web2: {}, lone2: {} }')
  .replace('[host, web]', '[host, web2]')
  .replace('[host, lone]', '[host, lone2]')
  .replace('7000, to: web', '7100, to: web2')
  .replace('to: lone', 'to: lone2')

describe.each(['nft', 'legacy'])('several uplinks, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture

  const marksInUse = async () => {
    const rules = JSON.parse((await host.run('ip', ['-j', 'rule'])).stdout)
    return rules.flatMap((rule: { fwmark?: string; fwmask?: string; table: string }) =>
      rule.fwmark && Number(rule.table) > 1000 ? [rule.fwmask] : [],
    )
  }

  /** From both sides, some of them with the same address: no table of the host tells them apart. */
  const bothWays = (port: number, net: string, web: string, lone: string) =>
    expectPaths(host, [
      ['outside', `${HOST4}:${port}`, `${web} ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `[${HOST6}]:${port}`, `${web} ${CLIENT6}`, { source: CLIENT6 }],
      ['isp', `192.0.2.10:${port}`, `${web} ${CLIENT4}`, { source: CLIENT4 }],
      ['isp', `[2001:db8:2::10]:${port}`, `${web} ${CLIENT6}`, { source: CLIENT6 }],
      ['isp', `192.0.2.10:${port}`, `${web} ${CLIENT4}`, { source: CLIENT4, protocol: 'udp' }],
      ['isp', `192.0.2.10:${port}`, `${web} 192.0.2.1`],
      ['outside', `10.${net}.1.2:80`, `${lone} ${CLIENT4}`, { source: CLIENT4 }],
      ['isp', `10.${net}.1.2:80`, `${lone} ${CLIENT4}`, { source: CLIENT4 }],
      ['isp', `[fd${net}:0:0:1::2]:80`, `${lone} ${CLIENT6}`, { source: CLIENT6 }],
      ['desk', `192.0.2.10:${port}`, `${web} 192.0.2.50`],
      ['desk', `[2001:db8:2::10]:${port}`, `${web} 2001:db8:2::50`],
      ['host', `127.0.0.1:${port}`, web],
      ['host', `192.0.2.10:${port}`, web],
      [web, `192.0.2.10:${port}`, web],
    ])

  beforeAll(async () => {
    host = await createHost()
    await addNeighbour(host, 'isp', 'wan', '192.0.2', '2001:db8:2')
    await script(
      host,
      `
      ip route add default via 192.0.2.1 dev wan metric 500
      ip route add default via 2001:db8:2::1 dev wan metric 5000
      ip -n isp address add ${CLIENT4}/32 dev lo
      ip -n isp address add ${CLIENT6}/128 dev lo nodad
      for net in 10.40.0.0/15; do ip -n outside route add $net via ${HOST4}; done
      ip -n outside route add fd40::/15 via ${HOST6}
      # A neighbour on the second uplink, for whom its router does not route.
      ip -n isp link add br0 type bridge
      ip netns exec isp sysctl -q -w net.ipv6.conf.br0.accept_dad=0
      ip -n isp link set eth0 master br0
      ip -n isp link set br0 up
      ip -n isp address flush dev eth0
      ip -n isp address add 192.0.2.1/24 dev br0
      ip -n isp address add 2001:db8:2::1/64 dev br0 nodad
      ip -n isp route replace default via 192.0.2.10
      ip -n isp route replace default via 2001:db8:2::10
      ip netns add desk
      ip link add eth0 netns desk type veth peer name desk netns isp
      ip -n isp link set desk master br0 up
      ip netns exec desk sysctl -q -w net.ipv6.conf.eth0.accept_dad=0
      ip -n desk address add 192.0.2.50/24 dev eth0
      ip -n desk link set eth0 up
      ip -n desk address add 2001:db8:2::50/64 dev eth0 nodad
      `,
    )
    before = await picture(host)
    await applyText(host, WAYS, options)
    await serveIn(host, { web: [80], lone: [80], isp: [80], outside: [80] }, [80])
  })
  afterAll(() => host.dispose())

  test('a reply leaves by the uplink through which its connection came', () =>
    bothWays(7000, '40', 'web', 'lone'))

  test('connections that begin inside leave as the host’s routes say', () =>
    expectPaths(host, [
      ['web', `${CLIENT4}:80`, `outside ${HOST4}`],
      ['web', `[${CLIENT6}]:80`, `outside ${HOST6}`],
      ['web', '192.0.2.1:80', 'isp 192.0.2.10'],
    ]))

  test('two topologies share uplinks, and destroying one leaves the other its replies', async () => {
    await applyText(host, OTHER, options)
    await serveIn(host, { web2: [80], lone2: [80] }, [80])
    await applyFile(host, '/run/topologies/ways.yaml', options)
    await bothWays(7100, '41', 'web2', 'lone2')
    await expectPaths(host, [
      ['web', `${HOST4}:7100`, 'web2 10.40.0.2'],
      ['web2', '10.41.0.1:7000', 'web 10.41.0.2'],
      ['web', '10.41.0.2:80', 'timeout'],
      ['web2', '10.40.1.2:80', 'timeout'],
    ])
    await destroy(host, ['ways'])
    await bothWays(7100, '41', 'web2', 'lone2')
    await destroy(host, ['other'])
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('marks that others use are left to them, whichever way they are written', async () => {
    const save = `iptables-${variant}`
    await script(
      host,
      `
      # Another one's traffic, 203.0.113.77, is marked in the default byte and in one more.
      ${save} -t mangle -A PREROUTING -s 203.0.113.77 -j MARK --set-xmark 0x1000000/0x1000000
      ${save} -t mangle -A OUTPUT -d 203.0.113.77 -j MARK --set-mark 0x20000
      ip rule add fwmark 0x7/0xf lookup 77 priority 500
      `,
    )
    const foreign = await picture(host)
    await applyText(host, WAYS, options)
    await serveIn(host, { web: [80], lone: [80] }, [80])
    expect(new Set(await marksInUse())).toEqual(new Set(['0xff00']))
    await bothWays(7000, '40', 'web', 'lone')
    await destroy(host, ['ways'])
    expect(difference(foreign, await picture(host))).toEqual([])
  })
})
