import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { applyFile } from '../host/topology.ts'

const CASES = fileURLToPath(new URL('../../cases/', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))

const READ = fileURLToPath(new URL('../snapshot/read-snapshot.ts', import.meta.url))

const withScript = readdirSync(CASES).filter(name => existsSync(`${CASES}${name}/host.sh`))
const examples = readdirSync(EXAMPLES).filter(name => name.endsWith('.yaml'))

async function snapshot(host: Host, reader: string): Promise<string> {
  const { stdout, stderr, exitCode } = await host.nsctl(['snapshot', '--reader', reader])
  if (exitCode !== 0) throw new Error(stderr)
  return stdout
}

/** What both readers say of a host; read again where the host itself changed meanwhile. */
async function readBoth(host: Host): Promise<{ ip: string; netlink: string }> {
  for (let turn = 0; ; turn++) {
    const ip = await snapshot(host, 'ip')
    const netlink = await snapshot(host, 'netlink')
    if (ip === netlink || turn === 5 || ip === (await snapshot(host, 'ip'))) return { ip, netlink }
  }
}

async function expectSame(host: Host): Promise<void> {
  const { ip, netlink } = await readBoth(host)
  if (ip !== netlink) expect(JSON.parse(netlink)).toEqual(JSON.parse(ip))
  expect(netlink).toBe(ip)
}

/** How often `ip` was asked with `--reader netlink`. */
async function ipCommands(host: Host, args: string[]): Promise<string[]> {
  const { stderr } = await host.nsctl([...args, '--reader', 'netlink', '--log-level', 'trace'])
  return stderr.split('\n').filter(line => /"tool":"[^"]*\/(ip|xargs|nsenter)"/.test(line))
}

describe('both readers say the same to the byte', () => {
  test.each(withScript)('of the host of the case %s', async name => {
    await using host = await createHost()
    const prelude = `nsctl() { ${process.execPath} ${NSCTL} "$@"; }; echo 'nameserver 192.0.2.53' > /etc/resolv.conf`
    const script = readFileSync(`${CASES}${name}/host.sh`, 'utf8')
    await host.run('sh', ['-eu', '-c', `${prelude}; ${script}`], { cwd: CASES + name })
    await expectSame(host)
  })

  test.each(examples)('of the host with the example %s', async name => {
    await using host = await createHost()
    await applyFile(host, EXAMPLES + name)
    await expectSame(host)
  })

  test('of what others make', async () => {
    await using host = await createHost()
    await force(host, FOREIGN)
    await force(host, FOREIGN6, ['-6'])
    for (const namespace of ['a', 'b']) {
      await force(host, INSIDE, ['-n', namespace])
      await force(host, INSIDE6, ['-6', '-n', namespace])
    }
    await host.run('ip', ['link', 'set', 'dev', 'br0', 'alias', 'a "quoted" \\ \'alias\', ü'])
    await host.run('tc', [
      'qdisc',
      'add',
      'dev',
      'p0',
      'root',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '10k',
      'latency',
      '1ms',
    ])
    await expectSame(host)
  })

  test('of the ways that packets take', async () => {
    await using host = await createHost()
    await force(host, WAYS)
    await force(host, WAYS6, ['-6'])
    await expectSame(host)
    // Else it has been compared with itself.
    expect((await ipCommands(host, ['snapshot'])).filter(line => !line.includes('/grep"'))).toEqual([])
    const { host: read } = JSON.parse(await snapshot(host, 'netlink'))
    expect(read.routes.filter(({ hops }: { hops?: unknown }) => hops)).toHaveLength(4)
    expect(read.rules.filter(({ protocol }: { protocol: number }) => protocol !== 2)).toHaveLength(9)
  })

  test('of what a plan asks of the host', async () => {
    await using host = await createHost()
    // Nothing that netlink leaves to `ip`, or that would be compared with itself.
    await force(host, PLAIN)
    await host.run('sh', ['-euc', SETTINGS])
    const ask = async (reader: string) => {
      const wanted = { sysctls: [{ namespace: 'host', key: 'net/ipv4/ip_forward' }], variant: 'auto', reader }
      const argument = JSON.stringify({ ...wanted, program: NSCTL })
      return JSON.stringify(
        JSON.parse((await host.run(process.execPath, ['--import', 'tsx', READ, argument])).stdout).host,
      )
    }
    const ip = await ask('ip')
    expect(ip).toContain('"net/ipv6/conf/br0/force_forwarding":"1"')
    expect(ip).toContain('"net/ipv4/conf/br0/route_localnet":"1"')
    expect(ip).not.toContain('net/ipv6/conf/p1/')
    expect(await ask('netlink')).toBe(ip)
  })

  test('of very many routes, of which a plan takes those that it needs and a snapshot takes all', async () => {
    await using host = await createHost()
    const far = Array.from({ length: 6_000 }, (_, i) => `route add 20.${i >> 8}.${i & 255}.0/24 dev ens5`)
    await force(host, [...far, 'route add 10.200.0.64/26 dev ens5'])
    await host.write(
      '/run/web.yaml',
      'name: web\nsubnets: { s: 10.200.0.0/24 }\nnamespaces: { n: {} }\nveths: [{ subnet: s, ends: [host, n] }]\n',
    )
    for (const reader of ['ip', 'netlink']) {
      const planned = await host.nsctl(['plan', '/run/web.yaml', '--reader', reader])
      expect(planned.stderr).toMatch(/overlaps a network.*10\.200\.0\.64\/26/s)
      const { host: whole } = JSON.parse(await snapshot(host, reader))
      expect(whole.routes.length).toBeGreaterThan(6_000)
      expect(whole).not.toHaveProperty('routesLeftOut')
    }
    await expectSame(host)
  })

  test('of hosts as chance has them', async () => {
    await using host = await createHost()
    await force(host, ['netns add a', 'netns add b'])
    const commands = fc.sample(fc.array(anyCommand, { minLength: 30, maxLength: 60 }), {
      numRuns: 8,
      seed: 20,
    })
    for (const batch of commands) {
      for (const place of [[], ['-n', 'a'], ['-n', 'b']]) await force(host, batch, place)
      await expectSame(host)
    }
  })
})

describe('by netlink', () => {
  test('no other tool is asked for networks, where nothing is out of the ordinary', async () => {
    await using host = await createHost()
    const path = `${EXAMPLES}flask.yaml`
    await applyFile(host, path)
    expect(await ipCommands(host, ['plan', path])).toEqual([])
  })

  test('`ip` reads what netlink is not certain of', async () => {
    await using host = await createHost()
    await host.run('ip', ['netns', 'add', 'odd'])
    await host.in('odd', 'ip', ['rule', 'add', 'to', '10.0.0.0/8', 'ipproto', 'tcp', 'table', '100'])
    expect((await ipCommands(host, ['snapshot'])).join('\n')).toContain('/run/netns/odd')
    await expectSame(host)
  })

  test('is refused in plain words where the library is not installed', async () => {
    await using host = await createHost()
    await host.run('mkdir', ['/run/alone'])
    await host.run('cp', ['-r', dirname(NSCTL), '/run/alone/dist'])
    const alone = (reader: string) =>
      host.run(process.execPath, ['/run/alone/dist/nsctl.cjs', 'list', '--reader', reader], { reject: false })
    expect(await alone('netlink')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^nsctl: --reader netlink needs the package koffi beside nsctl/),
    })
    expect(await alone('auto')).toMatchObject({ exitCode: 0, stderr: '' })
  })
})

/** What the kernel or `ip` refuses is left out. */
async function force(host: Host, lines: string[], place: string[] = []): Promise<void> {
  await host.run('ip', [...place, '-force', '-batch', '-'], { input: `${lines.join('\n')}\n`, reject: false })
}

const PLAIN = [
  'netns add a',
  'link add br0 type bridge',
  'link add p0 type veth peer name p1',
  'link set p1 mtu 1000',
  'link add far type veth peer name eth0 netns a',
  'link add x type veth peer name dotted.1',
]

/** Each key another value than its neighbours in the kernel's arrays have. */
const SETTINGS = `cd /proc/sys/net
echo 1 > ipv4/conf/far/forwarding; echo 1 > ipv4/conf/br0/route_localnet; echo 2 > ipv4/conf/p0/rp_filter
echo 1 > ipv6/conf/far/forwarding; echo 2 > ipv6/conf/p0/accept_ra; echo 1 > ipv6/conf/dotted.1/disable_ipv6
test ! -e ipv6/conf/br0/force_forwarding || echo 1 > ipv6/conf/br0/force_forwarding
# The kernel makes no link of this name, and renames one to it that has no IPv6: its settings are then under no name.
echo 2 > ipv4/conf/x/rp_filter
ip link set x mtu 68
ip link set x name all`

const FOREIGN = [
  'netns add a',
  'netns add b',
  'link add br0 type bridge',
  'link property add dev br0 altname enx0200000071a0 altname a-name-longer-than-an-interface-may-have',
  'link add p0 type veth peer name p1',
  'link set p0 master br0',
  'link set p0 type bridge_slave hairpin on',
  'link set br0 up',
  'link set p0 up',
  'link set p1 up',
  'link add far type veth peer name eth0 netns a',
  'link add vx type vxlan id 5 dstport 4789 dev p1',
  'link add gone type veth peer name eth1 netns b',
  'link add mv link p1 type macvlan mode bridge',
  'link add tun4 type ipip local 203.0.113.10 remote 203.0.113.2',
  'tuntap add dev tap0 mode tap',
  'tuntap add dev tun0 mode tun',
  'link set far up',
  'addr add 10.1.0.1 peer 10.1.0.2 dev far',
  'addr add 10.1.0.9/24 dev far scope link label far:x',
  'addr add 10.2.0.1/24 dev br0 valid_lft 1000 preferred_lft 500',
  'route add 10.3.0.0/16 nexthop via 10.2.0.2 weight 1 nexthop via 10.2.0.3 weight 2',
  'route add blackhole 10.4.0.0/16',
  'route add unreachable 10.5.0.0/16 metric 5 table 77',
  'route add 10.6.0.0/16 via inet6 fe80::1 dev br0',
  'route add 10.7.0.0/16 dev br0 src 10.2.0.1 mtu 1400 proto 99 tos 4',
  'route add 10.8.0.0/16 via 172.31.1.1 dev br0 onlink',
  'rule add from 10.2.0.0/24 iif br0 fwmark 0x1/0xff table 100',
  'rule add fwmark 0x2000000/0xff000000 table 101 protocol 110',
  'rule add not to 10.0.0.0/8 blackhole',
]
/** All of these are read by netlink. */
const WAYS = [
  'link add w0 type veth peer name w1',
  'link add w2 type veth peer name w3',
  ...['w0', 'w1', 'w2', 'w3'].map(name => `link set ${name} up`),
  'addr add 192.0.2.10/24 dev w0',
  'addr add 198.51.100.10/24 dev w2',
  'addr add 10.9.0.1 peer 172.31.1.1 dev w2',
  'route add 10.1.0.0/16 nexthop via 192.0.2.1 dev w0 weight 2 nexthop via 198.51.100.1 dev w2',
  'route add 10.2.0.0/16 nexthop via inet6 fe80::1 dev w0 nexthop via 172.31.9.9 dev w2 onlink',
  'route add 10.3.0.0/16 via 172.31.9.9 dev w0 onlink',
  'route add 10.4.0.0/16 via inet6 fe80::1 dev w0',
  'nexthop add id 7 via 192.0.2.1 dev w0',
  'nexthop add id 8 via 198.51.100.1 dev w2',
  'nexthop add id 9 group 7/8',
  'route add 10.5.0.0/16 nhid 7',
  'route add 10.6.0.0/16 nhid 9',
  'route add default dev w2 table 52',
  'rule add pref 100 fwmark 0x80000/0xff0000 lookup main',
  'rule add pref 101 fwmark 0x80000/0xff0000 unreachable',
  'rule add pref 102 not fwmark 51820 lookup 51820',
  'rule add pref 103 lookup main suppress_prefixlength 0',
  'rule add pref 104 to 10.20.0.0/24 lookup main',
  'rule add pref 105 to 10.20.0.7 iif w0 lookup 52',
  'rule add pref 106 not from 10.0.0.0/8 iif lo prohibit',
]
const WAYS6 = [
  'addr add 2001:db8:1::1/64 dev w0 nodad',
  'addr add 2001:db8:2::1/64 dev w2 nodad',
  'route add 2001:db8:100::/48 nexthop via 2001:db8:1::9 dev w0 nexthop via 2001:db8:2::9 dev w2',
  'nexthop add id 20 via fe80::5 dev w0',
  'route add 2001:db8:101::/48 nhid 20',
  'route add 2001:db8:102::/48 via fe80::9 dev w0 onlink',
  'rule add pref 200 to 2001:db8:9::/48 lookup 52',
  'rule add pref 201 not from 2001:db8:8::/48 fwmark 0x1/0xff blackhole',
]
const FOREIGN6 = [
  'addr add 2001:db8:1::1/64 dev br0',
  'addr add 2001:db8:1::2/64 dev br0 nodad',
  'addr add ::10.0.0.1/128 dev br0 nodad',
  'route add 2001:db8:2::/48 via 2001:db8:1::9',
  'route add 2001:db8:3::/48 nexthop via 2001:db8:1::9 nexthop via 2001:db8:1::8',
  'route add ::ffff:10.0.0.0/120 dev br0',
  'route add 1:0:0:2:0:0:3:4 dev br0',
  'route add 1:0:2:0:3:0:4:5 dev br0',
  'route add prohibit 2001:db8:4::/48 metric 3',
  'route add default via fe80::2 dev far',
  'rule add from 2001:db8:1::/64 table 100 suppress_prefixlength 0',
]
const INSIDE = [
  'link set lo up',
  'link add name right index 40 type veth peer name left index 41 netns a',
  'link set eth0 up',
  'link set right up',
  'addr add 10.8.0.1/24 dev eth0',
  'addr add 10.8.0.2/24 dev eth0',
  'rule add from 10.8.0.2 table 100 priority 100 protocol 110',
  'route add default via 10.8.0.9',
  'route add default via 10.8.0.9 table 100 proto 110',
]
const INSIDE6 = [
  'addr add fd00::1/64 dev eth0',
  'route add default via fd00::9',
  'rule add from fd00::1 table 100',
]

const anyAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter(text => !text.includes('.')),
)
const anyLink = fc.constantFrom('lo', 'v0', 'v1', 'v2', 'v3', 'br0')
const anyPrefix = fc.integer({ min: 0, max: 128 })
const anyCommand = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('v0', 'v1'),
      fc.constantFrom('v2', 'v3'),
      fc.constantFrom('', ' netns a', ' netns b'),
    )
    .map(([near, far, place]) => `link add ${near} type veth peer name ${far}${place}`),
  fc.constant('link add br0 type bridge'),
  fc
    .tuple(anyLink, fc.constantFrom('up', 'down', 'mtu 1400', 'group 77', 'alias nsctl:web', 'master br0'))
    .map(([name, what]) => `link set dev ${name} ${what}`),
  fc
    .tuple(anyAddress, anyPrefix, anyLink)
    .map(([address, prefix, name]) => `addr add ${address}/${prefix} dev ${name}`),
  fc
    .tuple(anyAddress, anyPrefix, anyLink, fc.integer({ min: 1, max: 300 }))
    .map(
      ([address, prefix, name, number]) =>
        `route add ${address}/${prefix} dev ${name} table ${number} metric ${number}`,
    ),
  fc
    .tuple(fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw'), anyAddress)
    .map(([type, address]) => `route add ${type} ${address}`),
  fc
    .tuple(anyAddress, fc.integer({ min: 1, max: 900 }))
    .map(([address, number]) => `rule add from ${address} table ${number} priority ${number}`),
)
