import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import type { Started } from '../host/holder.ts'
import { createHost, type Host } from '../host/host.ts'
import { briefly } from '../host/patience.ts'
import type { Probe } from '../host/peer.ts'
import { applyFile, destroy, FLASK } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const [HOST] = OUTSIDE.host
const [CLIENT] = OUTSIDE.client
const [ROUTER] = OUTSIDE.router

/** Silence is what a DROP gives: no need to wait long for it. */
const BRIEFLY = briefly()

describe.each(['nft', 'legacy'])('the tutorial’s scenario, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture
  let outside: Started
  let loopback: Started

  beforeAll(async () => {
    host = await createHost()
    await addMachineBehind(host, variant)
    await makeRouterNosy(host)
    before = await picture(host)
    await applyFile(host, FLASK, options)
    await leakLoopback(host, 'netns1', '192.168.0.1', 'veth1')
    await host.in('netns1', 'ip', ['address', 'add', '10.66.0.1/32', 'dev', 'lo'])
    ;[outside, loopback] = await Promise.all([
      host.serve({ name: 'outside', namespace: 'outside', tcp: [80], udp: [53], address: CLIENT }),
      host.serve({ name: 'loopback', tcp: [7000], udp: [7000], address: '127.0.0.1' }),
      host.serve({ name: 'netns1', namespace: 'netns1', tcp: [8080] }),
      host.serve({ name: 'netns2', namespace: 'netns2', tcp: [8080] }),
      host.serve({ name: 'machine', namespace: 'lan', tcp: [6000] }),
      host.serve({ name: 'service', tcp: [7001] }),
    ])
  })
  afterAll(() => host.dispose())

  const ask = async (...probes: Probe[]) =>
    (await host.probe(probes)).map(({ ok, name, client, error }) => (ok ? `${name} ${client}` : error))

  test('a client outside reaches each published port, and is seen by its own address', async () => {
    expect(
      await ask(
        { from: 'outside', source: CLIENT, address: HOST, port: 6000 },
        { from: 'outside', source: CLIENT, address: HOST, port: 6001 },
        { from: 'outside', source: ROUTER, address: HOST, port: 6000 },
      ),
    ).toEqual([`netns1 ${CLIENT}`, `netns2 ${CLIENT}`, `netns1 ${ROUTER}`])
  })

  test('namespaces reach the outside, which takes them for the host', async () => {
    expect(
      await ask(
        { from: 'netns1', address: CLIENT, port: 80 },
        { from: 'netns2', address: CLIENT, port: 80 },
        { from: 'netns2', address: CLIENT, port: 53, protocol: 'udp' },
      ),
    ).toEqual([`outside ${HOST}`, `outside ${HOST}`, `outside ${HOST}`])
  })

  test('the host reaches published ports at 127.0.0.1 and at each of its own addresses', async () => {
    const answers = await ask(
      { from: 'host', address: '127.0.0.1', port: 6000 },
      { from: 'host', address: '127.0.0.1', port: 6001 },
      { from: 'host', address: HOST, port: 6000 },
      { from: 'host', address: '192.168.0.1', port: 6001 },
    )
    expect(answers.map(answer => answer?.split(' ')[0])).toEqual(['netns1', 'netns2', 'netns1', 'netns2'])
  })

  test('a namespace reaches its own published port at the host’s address', async () => {
    expect(
      await ask(
        { from: 'netns1', address: HOST, port: 6000 },
        { from: 'netns2', address: '192.168.1.1', port: 6001 },
      ),
    ).toEqual(['netns1 192.168.0.1', 'netns2 192.168.1.1'])
  })

  test('a namespace reaches its sibling’s published port, at the host’s address and its own gateway', async () => {
    expect(
      await ask(
        { from: 'netns2', address: HOST, port: 6000 },
        { from: 'netns2', address: '192.168.1.1', port: 6000 },
        { from: 'netns1', address: HOST, port: 6001 },
      ),
    ).toEqual(['netns1 192.168.1.2', 'netns1 192.168.1.2', 'netns2 192.168.0.2'])
  })

  test('a namespace reaches the services of the host', async () => {
    expect(await ask({ from: 'netns1', address: '192.168.0.1', port: 7001 })).toEqual(['service 192.168.0.2'])
  })

  test('nobody reaches a namespace but at its published port', async () => {
    expect(
      await ask(
        { from: 'netns1', address: '192.168.1.2', port: 8080, timeout: BRIEFLY },
        { from: 'netns2', address: '192.168.0.2', port: 8080, timeout: BRIEFLY },
        { from: 'outside', address: '192.168.0.2', port: 8080, timeout: BRIEFLY },
        { from: 'lan', address: '192.168.0.2', port: 8080, timeout: BRIEFLY },
      ),
    ).toEqual(['timeout', 'timeout', 'timeout', 'timeout'])
  })

  test('what a namespace sends under an address that is not its own is dropped', async () => {
    const probe = { from: 'netns1', address: CLIENT, port: 53, protocol: 'udp' as const }
    expect(await ask({ ...probe, source: '10.66.0.1', timeout: BRIEFLY }, probe)).toEqual([
      'timeout',
      `outside ${HOST}`,
    ])
    expect(outside.stdout()).toContain(`asked by ${HOST}\n`)
    expect(outside.stdout()).not.toContain('asked by 10.66.0.1\n')
  })

  test('neither a namespace nor a neighbour gets at what listens on the host’s loopback', async () => {
    expect(
      await ask(
        { from: 'host', address: '127.0.0.1', port: 7000 },
        { from: 'netns1', address: '127.0.0.1', port: 7000, timeout: BRIEFLY },
        { from: 'netns1', address: '127.0.0.1', port: 7000, protocol: 'udp', timeout: BRIEFLY },
        { from: 'outside', address: '127.0.0.1', port: 7000, protocol: 'udp', timeout: BRIEFLY },
        { from: 'outside', address: '127.0.0.1', port: 6000, timeout: BRIEFLY },
      ),
    ).toEqual(['loopback 127.0.0.1', 'timeout', 'timeout', 'timeout', 'timeout'])
    // The answer may well get lost on its way; the question must not arrive.
    expect(loopback.stdout().match(/asked by .*/g)).toEqual(['asked by 127.0.0.1'])
  })

  test('transit to another machine is not hijacked, whatever its port', async () => {
    expect(await ask({ from: 'outside', source: CLIENT, address: '10.9.0.2', port: 6000 })).toEqual([
      `machine ${CLIENT}`,
    ])
  })

  test('a neighbour cannot route through the host beyond what the administrator accepts', async () => {
    expect((await host.read('/proc/sys/net/ipv4/conf/ens5/forwarding')).trim()).toBe('1')
    expect(await ask({ from: 'outside', address: '10.9.0.3', port: 6000, timeout: BRIEFLY })).toEqual([
      'timeout',
    ])
  })

  test('a second plan has no lines, and a second apply changes nothing', async () => {
    const plan = await host.nsctl(['plan', FLASK, '--detailed-exitcode', ...options])
    expect(plan).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^No changes\. flask is up to date\.$/m),
    })
    const applied = await picture(host)
    const again = await host.nsctl(['--log-level', 'trace', 'apply', FLASK, ...options])
    expect(again.exitCode).toBe(0)
    expect(mutations(again.stderr)).toEqual([])
    expect(difference(applied, await picture(host))).toEqual([])
  })

  test('destroy gives the host back as it was', async () => {
    const result = await destroy(host)
    expect(result.stdout).toContain('flask is destroyed')
    expect(difference(before, await picture(host))).toEqual([])
  })
})

/**
 * Another machine, 10.9.0.2 and .3, for which the host routes: outside knows the way to it, and to the namespaces, and
 * the administrator lets it through to the first of the two addresses.
 */
async function addMachineBehind(host: Host, variant: string): Promise<void> {
  await host.run('sh', [
    '-ec',
    `
    ip netns add lan
    ip link add lan0 type veth peer name eth0 netns lan
    ip address add 10.9.0.1/24 dev lan0
    ip link set lan0 up
    ip -n lan address add 10.9.0.2/24 dev eth0
    ip -n lan address add 10.9.0.3/24 dev eth0
    ip -n lan link set eth0 up
    ip -n lan route add default via 10.9.0.1
    sysctl -q -w net.ipv4.conf.lan0.forwarding=1
    iptables-${variant} -A FORWARD -d 10.9.0.2 -i ens5 -j ACCEPT
    for net in 10.9.0.0/24 192.168.0.0/16 10.66.0.0/24; do
      ip -n outside route add $net via ${HOST}
    done
    `,
  ])
}

/** The attacker of CVE-2020-8558: 127.0.0.1 is no longer local, but beyond a gateway. */
async function leakLoopback(host: Host, namespace: string, gateway: string, link: string): Promise<void> {
  await host.in(namespace, 'sh', [
    '-ec',
    `
    ip link set lo up
    ip route del local 127.0.0.0/8 dev lo table local
    ip route del local 127.0.0.1 dev lo table local
    sysctl -q -w net.ipv4.conf.${link}.route_localnet=1
    ip route add 127.0.0.1 via ${gateway} dev ${link} src $(ip -4 -o address show dev ${link} | sed 's/.*inet \\([0-9.]*\\).*/\\1/')
    `,
  ])
}

function makeRouterNosy(host: Host): Promise<void> {
  return leakLoopback(host, 'outside', HOST, 'eth0')
}

/** Commands, from a log at level trace, that could have changed something. */
function mutations(log: string): string[] {
  const commands = log
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
    .filter(({ msg }) => msg === 'command')
  expect(commands.length).toBeGreaterThan(3)
  const reads = (words: string[]) => !words.some(word => /\/ip$/.test(word)) || words.includes('-j')
  return commands
    .map(({ tool, args }) => [tool, ...args])
    .filter(words => !reads(words) || words.some(word => /(restore|sysctl)$/.test(word)))
    .map(words => words.join(' '))
}
