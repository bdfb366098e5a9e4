import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import { replay } from '../../../src/planner/replay/replay.ts'
import { createHost, type Host } from '../host/host.ts'
import { applyFile, applyText, destroy, FLASK, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'
import { applyPhases } from './phases.ts'

describe('a snapshot played back on an empty host', () => {
  /** What others may have on a host: all that a snapshot knows of it. */
  const OTHERS = `
ip link add br0 address 02:00:00:00:01:00 type bridge
ip netns add shop; ip netns add 'odd.name'
ip link add s0 index 70 mtu 1400 address 02:00:00:00:01:01 type veth peer name eth0 index 70 address 02:00:00:00:01:02 netns shop
ip link add s1 index 71 type veth peer name eth0 netns odd.name
ip -n shop link add x0 address 02:00:00:00:01:03 type veth peer name y0 address 02:00:00:00:01:04 netns odd.name
ip -n shop link add v0 type veth peer name v1
ip link set s0 master br0; ip link set s1 master br0; ip link set s1 type bridge_slave hairpin on
ip link set s1 alias 'a port of somebody'
ip -n shop link set lo up alias mine group 7
ip -n shop link set eth0 up; ip -n shop link set x0 up; ip -n odd.name link set y0 up; ip -n odd.name link set eth0 up
ip link set s0 up; ip link set s1 addrgenmode none; ip link set s1 up; ip link set br0 mtu 1300 up
ip addr add 10.7.0.1/24 dev br0; ip addr add 10.7.9.1/24 dev br0 noprefixroute
ip addr add 2001:db8:7::1/64 dev br0 nodad; ip addr add 10.99.0.1/32 dev lo; ip addr add 169.254.7.1/16 dev br0 scope link
ip -n shop addr add 10.7.0.2/24 dev eth0; ip -n shop route add default via 10.7.0.1 metric 30
ip -n shop -6 route add default via fe80::1 dev eth0
ip route add 10.50.0.0/16 via 10.7.0.2 src 10.7.0.1; ip route add blackhole 10.51.0.0/16 metric 9
ip route add unreachable 2001:db8:ffff::/48; ip route add 10.52.0.0/16 dev br0 table 100 proto static
ip route add 10.53.0.0/16 via 172.31.0.1 dev br0 onlink; ip route add 10.54.0.0/16 via inet6 fe80::7 dev br0
ip rule add from 10.7.0.0/24 lookup 100 priority 50; ip rule add fwmark 0x10/0xf0 iif br0 lookup 101 priority 51 protocol 4
ip -6 rule add to 2001:db8::/32 lookup 100 priority 52; ip -n shop rule add not from 10.0.0.0/8 tos 0x10 lookup 7 priority 9
ip -n odd.name rule del priority 32767
tc qdisc add dev s0 root tbf rate 5mbit burst 65550 latency 50ms
sysctl -q -w net.ipv4.conf.ens5.rp_filter=2 net.ipv4.conf.br0.forwarding=1 net.ipv4.conf.default.forwarding=1
iptables-nft -P FORWARD DROP; iptables-nft -N SITE; iptables-nft -A SITE -s 10.0.0.0/8 -m comment --comment 'a "quoted" one' -j ACCEPT
iptables-nft -A FORWARD -i br0 -j SITE; iptables-nft -t nat -A POSTROUTING -o ens5 -j MASQUERADE
ip6tables-nft -A INPUT -p ipv6-icmp -j ACCEPT; iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT
mkdir -p /etc/netns/shop; echo 'nameserver 192.0.2.53' > /etc/netns/shop/resolv.conf
`
  let original: Picture
  let copy: Picture
  let failures: string[]
  let omitted: string[]

  beforeAll(async () => {
    await using host = await createHost()
    await using empty = await createHost({ uplink: false })
    await host.run('bash', ['-ec', OTHERS])
    await applyFile(host, FLASK)
    original = await picture(host)
    const snapshot = JSON.parse((await host.nsctl(['snapshot'])).stdout) as Snapshot
    await empty.run('ip', ['netns', 'add', 'beyond'])
    const { phases, ...left } = replay(settable(snapshot), 'beyond')
    omitted = left.omitted
    failures = await applyPhases(empty, { phases, reader: 'ip' })
    await empty.run('ip', ['netns', 'del', 'beyond'])
    copy = await picture(empty)
  })

  test('nothing is left out', () => {
    expect({ omitted, failures }).toEqual({ omitted: [], failures: [] })
  })

  test('looks like the original', () => {
    // The records of nsctl are no part of it, nor is the order in which namespaces were made.
    const all = difference(original, copy)
    expect(all.filter(line => !/ files > \/run\/nsctl|^~ mounts: at /.test(line))).toEqual([])
  })

  /** All of them, read-only ones too, would be a lot to be refused. */
  function settable(snapshot: Snapshot): Snapshot {
    const own = (sysctls: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(sysctls).filter(([key]) =>
          /\/(forwarding|rp_filter|route_localnet|accept_dad)$|ip_forward$/.test(key),
        ),
      )
    const namespaces = Object.entries(snapshot.namespaces).map(([name, state]) => [
      name,
      { ...state, sysctls: own(state.sysctls) },
    ])
    return {
      ...snapshot,
      host: { ...snapshot.host, sysctls: own(snapshot.host.sysctls) },
      namespaces: Object.fromEntries(namespaces),
    }
  }
})

describe('apply --rehearse', () => {
  let host: Host
  let before: Picture
  beforeAll(async () => {
    host = await createHost()
    before = await picture(host)
  })
  afterAll(() => host.dispose())
  const untouched = async () => expect(difference(before, await picture(host))).toEqual([])

  const rehearsed = async (text: string, ...options: string[]) =>
    host.nsctl(['apply', await topologyFile(host, text), '--rehearse', '--yes', ...options])

  test('succeeds in the copy, then on the host', async () => {
    const { stdout, stderr, exitCode } = await host.nsctl(['apply', FLASK, '--rehearse'])
    expect(stderr).toBe(
      'flask: rehearsed in a copy of the host: every step succeeds, and a second plan is empty\n',
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('flask is applied')
    await destroy(host)
    await untouched()
  })

  /** The schema lets these pass: only the kernel knows. */
  const REFUSED: [what: string, text: string, place: string, why: RegExp][] = [
    [
      'a setting that this kernel does not have',
      `name: none
namespaces:
  one: { sysctls: { net.ipv4.conf.all.does_not_exist: 1 } }
`,
      'none.yaml:3',
      /does_not_exist/,
    ],
    [
      'a value that a sysctl does not take',
      `name: odd
namespaces:
  one: { sysctls: { net.ipv4.conf.all.rp_filter: lots } }
`,
      'odd.yaml:3',
      /rp_filter/,
    ],
  ]
  test.each(REFUSED)('finds %s, with its place, and changes nothing', async (_, text, place, why) => {
    const { stderr, exitCode } = await rehearsed(text)
    expect(stderr).toContain('the rehearsal failed; nothing was changed:')
    expect(stderr).toContain(place)
    expect(stderr).toMatch(why)
    expect(exitCode).toBe(1)
    await untouched()
  })

  test('a change to what is there is tried on what is there, drift and strangers included', async () => {
    const web = (port: number) => `name: web
uplinks: [default]
subnets: { front: { cidr: 10.20.0.0/24, bridge: br-front }, side: { cidr: [10.21.0.0/24, 2001:db8:21::/64] } }
namespaces: { shop: {}, store: { sysctls: { net.ipv4.tcp_syncookies: 0 } } }
veths:
  - { subnet: front, ends: [host, shop] }
  - { subnet: front, ends: [host, { namespace: store, rate: 10mbit }] }
  - { subnet: side, ends: [shop, store] }
forwards: [{ listen: ${port}, to: shop:8080 }]
`
    await applyText(host, web(8000))
    await host.run('ip', ['-n', 'shop', 'route', 'del', 'default'])
    await host.run('ip', ['-n', 'store', 'addr', 'add', '10.77.0.1/24', 'dev', 'eth0'])
    await host.run('ip', ['netns', 'add', 'stranger'])
    await host.run('iptables', ['-A', 'FORWARD', '-s', '10.20.0.0/24', '-j', 'ACCEPT'])
    const { stdout, stderr, exitCode } = await rehearsed(web(8001))
    expect(stderr).toContain('rehearsed in a copy of the host')
    expect(stderr).not.toContain('not in the copy')
    expect(stdout).toContain('web is applied')
    expect(exitCode).toBe(0)
    await host.run('iptables', ['-D', 'FORWARD', '-s', '10.20.0.0/24', '-j', 'ACCEPT'])
    await host.run('ip', ['netns', 'del', 'stranger'])
    await destroy(host)
    await untouched()
  })

  test('what cannot be copied is said, and no reason to refuse', async () => {
    await host.run('ip', [
      'route',
      'add',
      '10.80.0.0/16',
      'nexthop',
      'via',
      '203.0.113.1',
      'nexthop',
      'via',
      '203.0.113.2',
    ])
    const { stderr, exitCode } = await rehearsed('name: small\nnamespaces: { one: {} }\n')
    expect(stderr).toContain('not in the copy that the plan is tried in:')
    expect(stderr).toContain('route 10.80.0.0/16 in host: it has several next hops')
    expect(exitCode).toBe(0)
    await host.run('ip', ['route', 'del', '10.80.0.0/16'])
    await destroy(host)
    await untouched()
  })

  test('its inner half does nothing in the namespaces that it was called from', async () => {
    const spaces = await Promise.all(
      ['net', 'mnt'].map(async kind => (await host.run('readlink', [`/proc/self/ns/${kind}`])).stdout.trim()),
    )
    const { stderr, exitCode } = await host.nsctl(['rehearse-init'], {
      input: JSON.stringify({ outside: spaces }),
    })
    expect({ stderr, exitCode }).toEqual({
      stderr: 'nsctl: rehearse-init: not in namespaces of its own\n',
      exitCode: 1,
    })
    await untouched()
  })
})
