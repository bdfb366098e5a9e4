import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Link, Snapshot } from '../../../src/model/host/snapshot.ts'
import { createHost, type Host } from '../host/host.ts'

const SCRIPT = fileURLToPath(new URL('read-snapshot.ts', import.meta.url))
const NOTHING_MORE = { sysctls: [], variant: 'auto' }

let host: Host
beforeEach(async () => {
  host = await createHost({ uplink: false })
})
afterEach(() => host.dispose())

describe('links, addresses, routes and rules', () => {
  it('reads a veth pair between host and namespace as it was made', async () => {
    await host.run('ip', ['netns', 'add', 'netns1'])
    await batch([
      'link add name veth0 mtu 1400 group 0x4e123456 address 02:00:00:00:00:01 type veth peer name eth0 group 0x4e123456 netns netns1',
      'link set dev veth0 alias nsctl:web',
      'link set dev veth0 up',
      'addr add 10.0.0.1/30 dev veth0',
      'addr add fd00::1/64 dev veth0 nodad',
      'route add 192.0.2.0/24 via 10.0.0.2 proto 110 metric 7',
      'rule add from 10.0.0.0/30 table 100 priority 500 protocol 110',
    ])
    await host.run('ip', ['-6', 'rule', 'add', 'from', 'fd00::/64', 'table', '100', 'priority', '500'])
    await batch(
      [
        'link set dev eth0 up',
        'addr add 10.0.0.2/30 dev eth0',
        'addr add fd00:0:0::2/64 dev eth0 nodad',
        'route add default via 10.0.0.1 proto 110',
        'route add default via fd00::1 proto 110',
        'route add default via 10.0.0.1 table 1000 proto 110',
      ],
      'netns1',
    )
    await host.in('netns1', 'ip', [
      '-6',
      'rule',
      'add',
      'from',
      'fd00::2',
      'table',
      '1000',
      'protocol',
      '110',
    ])

    const { host: seen, namespaces } = await read()
    expect(link(seen.links, 'veth0')).toMatchObject({
      kind: 'veth',
      up: true,
      mtu: 1400,
      mac: '02:00:00:00:00:01',
      group: 0x4e123456,
      alias: 'nsctl:web',
      peer: { namespace: 'netns1', interface: 'eth0' },
    })
    expect(
      link(seen.links, 'veth0')
        ?.addresses.map(({ address }) => address)
        .slice(0, 2),
    ).toEqual(['10.0.0.1/30', 'fd00::1/64'])
    expect(seen.routes).toContainEqual({
      family: 'ipv4',
      to: '192.0.2.0/24',
      via: '10.0.0.2',
      dev: 'veth0',
      table: 254,
      protocol: 110,
      metric: 7,
      type: 'unicast',
      source: null,
    })
    expect(seen.rules.filter(({ table }) => table === 100)).toMatchObject([
      { family: 'ipv4', from: '10.0.0.0/30', priority: 500, protocol: 110, selector: {} },
      { family: 'ipv6', from: 'fd00::/64', priority: 500, protocol: 0, selector: {} },
    ])

    const inside = namespaces.netns1
    expect(inside).not.toHaveProperty('unreadable')
    expect(link(inside?.links, 'eth0')?.peer).toEqual({ namespace: 'host', interface: 'veth0' })
    const own = inside?.routes.filter(({ protocol }) => protocol === 110)
    expect(own?.map(({ to, via, table, metric }) => `${to} via ${via} ${table} ${metric}`).sort()).toEqual([
      '0.0.0.0/0 via 10.0.0.1 1000 0',
      '0.0.0.0/0 via 10.0.0.1 254 0',
      '::/0 via fd00::1 254 1024',
    ])
    expect(inside?.rules.filter(({ protocol }) => protocol === 110)).toMatchObject([
      { family: 'ipv6', from: 'fd00::2/128', table: 1000 },
    ])
  })

  it('reads IPv6 rules only where they matter, when told where', async () => {
    await batch(['netns add plain', 'netns add named', 'netns add hinted'])
    for (const name of ['plain', 'named', 'hinted']) {
      await host.in(name, 'ip', ['-6', 'rule', 'add', 'from', 'fd00::2', 'table', '1000'])
    }
    await host.in('hinted', 'ip', ['rule', 'add', 'from', '10.0.0.2', 'table', '1000'])
    const counts = async (wanted: object) =>
      Object.values((await read(wanted)).namespaces).map(
        ({ rules }) => rules.filter(({ family }) => family === 'ipv6').length,
      )
    expect(await counts({ ...NOTHING_MORE, rules6: ['named'] })).toEqual([3, 3, 0])
    expect(await counts(NOTHING_MORE)).toEqual([3, 3, 3])
  })

  it('tells a ring of namespaces apart whose interfaces all have the same indexes', async () => {
    const ring = ['a', 'b', 'c']
    await batch(ring.map(name => `netns add ${name}`))
    for (const [i, name] of ring.entries()) {
      const next = ring[(i + 1) % ring.length]
      await batch([`link add name right index 10 type veth peer name left index 11 netns ${next}`], name)
    }
    const { namespaces } = await read()
    for (const [i, name] of ring.entries()) {
      const next = ring[(i + 1) % ring.length] ?? ''
      expect(link(namespaces[name]?.links, 'right')?.peer).toEqual({ namespace: next, interface: 'left' })
      expect(link(namespaces[next]?.links, 'left')?.peer).toEqual({ namespace: name, interface: 'right' })
    }
  })

  it('finds both ends in one namespace, and none in a namespace without a name', async () => {
    await batch(['netns add gone', 'netns add netns1', 'link add name h0 type veth peer name h1'])
    await batch(['link add name n0 type veth peer name n1'], 'netns1')
    await batch(['link add name u0 type veth peer name u1 netns gone'])
    await batch(['link add name w0 type veth peer name w1 netns gone'], 'netns1')
    const sleeper = await host.start('sleep', ['600'], { namespace: 'gone' })
    while ((await host.run('ip', ['netns', 'pids', 'gone'])).stdout === '') await delay(50)
    await host.run('ip', ['netns', 'del', 'gone'])
    const { host: seen, namespaces } = await read()
    await sleeper.stop()
    expect(link(seen.links, 'h0')?.peer).toEqual({ namespace: 'host', interface: 'h1' })
    expect(link(seen.links, 'u0')?.peer).toEqual({ namespace: null, interface: null })
    expect(link(namespaces.netns1?.links, 'n1')?.peer).toEqual({ namespace: 'netns1', interface: 'n0' })
    expect(link(namespaces.netns1?.links, 'w0')?.peer).toEqual({ namespace: null, interface: null })
  })

  it('reads bridge ports and the rate of a shaped link, on the host and inside', async () => {
    await batch(['netns add netns1', 'link add name br0 type bridge'])
    await batch(['link add name veth0 master br0 type veth peer name eth0 netns netns1'])
    await host.run('bridge', ['link', 'set', 'dev', 'veth0', 'hairpin', 'on'])
    const tbf = (dev: string, rate: string) =>
      `qdisc add dev ${dev} root tbf rate ${rate} burst 32kbit latency 400ms`.split(' ')
    await host.run('tc', tbf('veth0', '10mbit'))
    await host.in('netns1', 'tc', tbf('eth0', '2mbit'))
    const { host: seen, namespaces } = await read()
    expect(link(seen.links, 'veth0')).toMatchObject({
      master: 'br0',
      hairpin: true,
      qdisc: { kind: 'tbf', rate: 10_000_000 },
    })
    expect(link(namespaces.netns1?.links, 'eth0')?.qdisc).toEqual({ kind: 'tbf', rate: 2_000_000 })
  })
})

describe('firewall', () => {
  const rule = (text: string) => ['-A', 'FORWARD', ...text.split(' ')]

  it('reads the variant it is told, and the other one where that holds something', async () => {
    await host.run('iptables-nft', rule('-s 10.0.0.0/8 -j DROP'))
    await host.run('ip6tables-nft', rule('-s fd00::/8 -j DROP'))
    const alone = (await read({ ...NOTHING_MORE, variant: 'nft' })).firewall
    expect(alone.other).toEqual({ variant: 'legacy', ipv4: [], ipv6: [] })
    await host.run('iptables-legacy', rule('-s 192.168.0.0/16 -j DROP'))
    await host.run('ip6tables-legacy', ['-L', '-n'])

    const nft = (await read({ ...NOTHING_MORE, variant: 'nft' })).firewall
    expect(nft).toMatchObject({ variant: 'nft', version: expect.stringMatching(/^\d+\.\d+/) })
    expect(forward(nft.ipv4)).toEqual(['-s 10.0.0.0/8 -j DROP'])
    expect(forward(nft.ipv6)).toEqual(['-s fd00::/8 -j DROP'])
    expect(forward(nft.other.ipv4)).toEqual(['-s 192.168.0.0/16 -j DROP'])
    expect(nft.other.ipv6).toEqual([])

    const legacy = (await read({ ...NOTHING_MORE, variant: 'legacy' })).firewall
    expect(legacy.variant).toBe('legacy')
    expect(forward(legacy.ipv4)).toEqual(['-s 192.168.0.0/16 -j DROP'])
    expect(legacy.other.variant).toBe('nft')
    expect(forward(legacy.other.ipv4)).toEqual(['-s 10.0.0.0/8 -j DROP'])
  })

  it('leaves no tables behind that were not there', async () => {
    await read({ ...NOTHING_MORE, variant: 'nft' })
    expect((await host.run('cat', ['/proc/net/ip_tables_names'], { reject: false })).stdout).toBe('')
    expect((await host.run('iptables-nft-save', [])).stdout).toBe('')
  })
})

describe('what lies around', () => {
  it('reads sysctls of the host and of namespaces; those that do not exist are left out', async () => {
    await batch(['netns add netns1', 'netns add netns2', 'netns add netns3'])
    await batch(['link add name br0.5 type bridge'])
    await batch(['link add name eth0.7 type bridge'], 'netns1')
    await host.run('tee', ['/proc/sys/net/ipv4/conf/br0.5/forwarding'], { input: '1' })
    await host.in('netns1', 'tee', ['/proc/sys/net/ipv4/conf/eth0.7/rp_filter'], { input: '2' })
    await host.in('netns2', 'tee', ['/proc/sys/net/ipv4/ip_forward'], { input: '1' })
    const sysctls = [
      { namespace: 'host', key: 'net/ipv4/ping_group_range' },
      { namespace: 'host', key: 'net/../kernel/hostname' },
      { namespace: 'netns1', key: 'net/ipv4/conf/eth0.7/rp_filter' },
      { namespace: 'netns2', key: 'net/ipv4/ip_forward' },
      { namespace: 'netns2', key: 'net/ipv4/no_such_key' },
    ]
    const { host: seen, namespaces } = await read({ ...NOTHING_MORE, sysctls })
    expect(seen.sysctls).toMatchObject({
      'net/ipv4/ip_forward': '0',
      'net/ipv4/conf/br0.5/forwarding': '1',
      'net/ipv6/conf/br0.5/accept_ra': '1',
      'net/ipv4/ping_group_range': expect.stringMatching(/^\d+\s+\d+$/),
    })
    expect(seen.sysctls).not.toHaveProperty('net/../kernel/hostname')
    expect(namespaces.netns1?.sysctls['net/ipv4/conf/eth0.7/rp_filter']).toBe('2')
    expect(namespaces.netns2?.sysctls['net/ipv4/ip_forward']).toBe('1')
    expect(namespaces.netns2?.sysctls).not.toHaveProperty('net/ipv4/no_such_key')
    expect(namespaces.netns3?.sysctls).toEqual({})

    const everything = await read({ ...NOTHING_MORE, everything: true })
    expect(everything.namespaces.netns1?.sysctls).toMatchObject({ 'net/ipv4/conf/eth0.7/rp_filter': '2' })
    expect(everything.host.sysctls).toHaveProperty('net/ipv4/tcp_congestion_control')
  })

  it('reads listeners, resolv.conf, /etc/netns and the processes of a namespace', async () => {
    await host.write('/etc/resolv.conf', 'nameserver 127.0.0.53\n')
    await host.write('/run/systemd/resolve/resolv.conf', 'nameserver 192.0.2.53\nsearch lan\n')
    await host.write('/etc/netns/netns1/resolv.conf', '# nsctl:web\nnameserver 192.0.2.1\n')
    await host.run('ip', ['netns', 'add', 'netns1'])
    await host.serve({ name: 'listening', tcp: [8080] })
    const sleeper = await host.start('sleep', ['600'], { namespace: 'netns1' })
    const seen = await read()
    await sleeper.stop()
    expect(seen.host).toMatchObject({ nameservers: ['192.0.2.53'], search: ['lan'], loopbackResolver: true })
    expect(seen.etcNetns).toMatchObject({
      'netns1/': null,
      'netns1/resolv.conf': '# nsctl:web\nnameserver 192.0.2.1\n',
    })
    expect(seen.listeners.filter(({ port }) => port === 8080).map(({ protocol }) => protocol)).toContain(
      'tcp',
    )
    expect(seen.listeners[0]?.process).toMatch(/ \(pid \d+\)$/)
    expect(seen.namespaces.netns1?.pids).toMatchObject([{ command: 'sleep 600' }])
  })
})

describe('what others may have left', () => {
  it('never takes a name for anything else', async () => {
    const names = [
      '$(touch x)',
      'a;b',
      "it's",
      'quo"te',
      'e\u001b[31m',
      '{}',
      'two words',
      '-I{}',
      'back\\slash',
    ]
    await host.run('mkdir', ['-p', '/run/netns'])
    await host.run(
      'touch',
      names.map(name => `/run/netns/${name}`),
    )
    for (const name of names) await host.run('unshare', [`--net=/run/netns/${name}`, 'true'])
    await batch(['link add name e\u001b"\\x type bridge'])
    const { host: seen, namespaces } = await read()
    expect(Object.keys(namespaces).sort()).toEqual([...names].sort())
    for (const name of names) {
      expect(namespaces[name]).not.toHaveProperty('unreadable')
      expect(namespaces[name]?.links.map(({ name }) => name)).toEqual(['lo'])
    }
    expect(seen.links.map(({ name }) => name)).toContain('e\u001b"\\x')
  })

  it('says of what is no namespace that it is none, and reads the others', async () => {
    await batch(['netns add netns1', 'netns add netns2', 'netns add netns3'])
    await host.run('touch', ['/run/netns/stale', '/run/netns/mount'])
    await host.run('mount', ['--bind', '/proc/self/ns/uts', '/run/netns/mount'])
    await host.run('ln', ['-s', '/proc/4194304/ns/net', '/run/netns/dangling'])
    const { namespaces } = await read({
      ...NOTHING_MORE,
      sysctls: ['mount', 'netns2', 'stale'].map(namespace => ({ namespace, key: 'net/ipv4/ip_forward' })),
    })
    expect(namespaces.stale).toMatchObject({ unreadable: 'it is no mounted namespace', links: [] })
    expect(namespaces.mount).toMatchObject({ unreadable: expect.stringContaining('nsenter') })
    expect(namespaces.dangling?.unreadable).toContain('symbolic link')
    for (const name of ['netns1', 'netns2', 'netns3']) expect(namespaces[name]?.links).toHaveLength(1)
    expect(namespaces.netns2?.sysctls).toHaveProperty('net/ipv4/ip_forward')
  })

  it('reads on while namespaces come and go', async () => {
    await batch(Array.from({ length: 10 }, (_, i) => `netns add steady${i}`))
    const loop = 'while :; do ip netns add churn; ip netns del churn; done'
    const churn = await host.start('sh', ['-c', loop])
    for (let i = 0; i < 3; i++) {
      const { namespaces } = await read()
      const steady = Object.keys(namespaces).filter(name => name.startsWith('steady'))
      expect(steady.map(name => namespaces[name]?.links.length)).toEqual(Array(10).fill(1))
    }
    await churn.stop()
  })
})

describe('failures', () => {
  it('names the command that printed garbage', async () => {
    await shim('ip', '/usr/sbin/ip "$@" | head -c 100')
    const { exitCode, stderr } = await readWith('PATH=/run/shim:/usr/sbin:/usr/bin')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/ip -j [^\n]*: printed (no valid JSON|\d+ answers to \d+ questions)/)
  })

  it('names the tool that is missing, or fails', async () => {
    await shim('iptables', 'echo out of order >&2; exit 4')
    const { stderr } = await readWith('PATH=/run/shim:/usr/sbin:/usr/bin')
    expect(stderr).toContain('iptables -V: exit code 4: out of order')
  })

  it('says what is missing to whoever is not permitted', async () => {
    const { exitCode, stderr } = await readWith('-i', 'setpriv', '--bounding-set=-net_admin')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('nsctl needs root (CAP_NET_ADMIN')
  })
})

it('takes a fixed number of processes from here, however many namespaces there are', async () => {
  const add = async (numbers: number[]) => {
    await batch(numbers.map(i => `netns add n${i}`))
    await batch(numbers.map(i => `link add name v${i} type veth peer name eth0 netns n${i}`))
  }
  const commands = async () =>
    (await readWith('-i')).stderr.split('\n').filter(line => line.includes('"msg":"command"')).length
  await add([0, 1, 2, 3, 4])
  const few = await commands()
  expect(few).toBeGreaterThan(0)
  await add(Array.from({ length: 25 }, (_, i) => 5 + i))
  expect(await commands()).toBeLessThanOrEqual(few)
})

async function read(wanted: object = NOTHING_MORE): Promise<Snapshot> {
  const { stdout } = await host.run(process.execPath, ['--import', 'tsx', SCRIPT, JSON.stringify(wanted)])
  return JSON.parse(stdout) as Snapshot
}

/** The same behind `env`, whose arguments come first, and without a failure being thrown. */
function readWith(...env: string[]) {
  const node = [process.execPath, '--import', 'tsx', SCRIPT, JSON.stringify(NOTHING_MORE)]
  return host.run('env', [...env, ...node], { reject: false })
}

async function shim(tool: string, script: string): Promise<void> {
  await host.write(`/run/shim/${tool}`, `#!/bin/sh\n${script}\n`)
  await host.run('chmod', ['755', `/run/shim/${tool}`])
}

async function batch(lines: string[], namespace?: string): Promise<void> {
  const where = namespace === undefined ? [] : ['-n', namespace]
  await host.run('ip', [...where, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

function link(links: Link[] | undefined, name: string): Link | undefined {
  return links?.find(link => link.name === name)
}

function forward(tables: Snapshot['firewall']['ipv4']): string[] | undefined {
  const filter = tables.find(({ name }) => name === 'filter')
  return filter?.chains.find(({ name }) => name === 'FORWARD')?.rules
}
