import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyFile, applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const FILE = '/run/web.yaml'
const PLAN = '/run/web.plan'

const WEB = `
name: web
uplinks: [ens5]
subnets: { lan: 10.5.0.0/24 }
namespaces: { web1: {} }
veths:
  - { subnet: lan, ends: [host:web0, web1:eth0] }
forwards:
  - { listen: "\${PORT:-6000}", to: web1:8080 }
`

const OTHER = `
name: other
uplinks: [ens5]
subnets: { lan: 10.6.0.0/24 }
namespaces: { other: {} }
veths:
  - { subnet: lan, ends: [host:oth0, other] }
forwards:
  - { listen: 7000, to: other:80 }
`

let host: Host
let bare: Picture

const sh = (script: string) => host.run('sh', ['-ec', script])
const plan = (options: string[] = [], env = {}) =>
  host.nsctl(['plan', FILE, '--out', PLAN, ...options], { env })
const apply = (options: string[] = ['--yes']) => host.nsctl(['apply', PLAN, ...options])
const document = async () => JSON.parse(await host.read(PLAN))
const written = (value: unknown) => host.write(PLAN, JSON.stringify(value))

/** Refused with exit code 5, with that in the list of what has moved, and nothing changed. */
async function moved(...told: string[]): Promise<void> {
  const before = await picture(host)
  const result = await apply()
  expect(result, result.stderr).toMatchObject({ exitCode: 5, stdout: '' })
  for (const text of told) expect(result.stderr).toContain(text)
  expect(difference(before, await picture(host))).toEqual([])
}

beforeAll(async () => {
  host = await createHost()
  bare = await picture(host)
})
afterAll(() => host.dispose())
beforeEach(() => host.write(FILE, WEB))
afterEach(async () => {
  await host.nsctl(['destroy', '--all', '--yes'])
  expect(difference(bare, await picture(host))).toEqual([])
})

describe('a saved plan', () => {
  test('is written for its owner alone, tells the plan, its steps and its fingerprint, and is the same twice', async () => {
    expect((await plan()).exitCode).toBe(0)
    expect((await host.run('stat', ['-c', '%a', PLAN])).stdout.trim()).toBe('600')
    const first = await host.read(PLAN)
    await plan(['--format', 'json'])
    expect(await host.read(PLAN)).toBe(first)
    const shown = JSON.parse((await host.nsctl(['plan', FILE, '--format', 'json'])).stdout)
    expect(JSON.parse(first)).toMatchObject({
      ...shown,
      steps: expect.arrayContaining([
        expect.objectContaining({ stage: 'link', commands: expect.any(Array) }),
      ]),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('is applied exactly, without its file, with the variables of then', async () => {
    await plan([], { PORT: '6100' })
    await sh(`rm ${FILE}`)
    expect(await apply([])).toMatchObject({ exitCode: 0, stderr: '' })
    await host.write(FILE, WEB)
    const again = await host.nsctl(['plan', FILE, '--detailed-exitcode'], { env: { PORT: '6100' } })
    expect(again, again.stdout).toMatchObject({ exitCode: 0 })
    const list = JSON.parse((await host.nsctl(['list', '--format', 'json'])).stdout)
    expect(list.topologies).toMatchObject([{ name: 'web', sync: 'in-sync', file: FILE }])
  })

  test('holds what was accepted, and which iptables it is for', async () => {
    const held = await host.serve({ name: 'held', tcp: [6000] })
    expect((await plan()).exitCode).toBe(1)
    await plan(['--accept', 'port-held:tcp/6000', '--iptables', 'legacy'])
    expect((await apply(['--iptables', 'nft'])).exitCode).toBe(64)
    expect((await apply(['--accept', 'port-held:tcp/6000'])).exitCode).toBe(64)
    expect(await apply()).toMatchObject({ exitCode: 0 })
    expect((await host.run('iptables-legacy-save', [])).stdout).toContain('NSCTL-web-DST')
    await held.stop()
    await host.nsctl(['destroy', '--yes', '--iptables', 'legacy'])
    await sh('iptables-legacy-save -t nat >/dev/null')
  })

  test('asks like any other before it deletes', async () => {
    await applyFile(host, FILE)
    await host.write(FILE, WEB.replace('web1: {}', 'web2: {}').replaceAll('web1:', 'web2:'))
    await plan()
    expect(await apply([])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--yes') })
    expect(await apply()).toMatchObject({ exitCode: 0 })
  })

  test('to destroy is applied as well', async () => {
    await applyFile(host, FILE)
    await plan(['--destroy'])
    expect(await apply([])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--yes') })
    expect(await apply(['--yes', '--confirm', '60s'])).toMatchObject({ exitCode: 64 })
    expect(await apply()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('web is destroyed') })
  })

  test('made elsewhere from a snapshot fits the host', async () => {
    await host.write('/run/live.json', (await host.nsctl(['snapshot'])).stdout)
    await plan(['--live', '/run/live.json'])
    expect(await apply()).toMatchObject({ exitCode: 0 })
  })

  test('of nothing to do is applied with nothing done', async () => {
    await applyFile(host, FILE)
    await plan()
    expect(await apply()).toMatchObject({ exitCode: 0, stdout: 'No changes. web is up to date.\n' })
  })

  test('can wait for confirmation', async () => {
    await plan()
    expect(await apply(['--confirm', '60s'])).toMatchObject({ exitCode: 0 })
    expect((await host.nsctl(['rollback', 'web'])).exitCode).toBe(0)
  })
})

describe('is refused when the host has moved:', () => {
  test('it was applied already, or somebody else did', async () => {
    await plan()
    await applyFile(host, FILE)
    await moved('namespace/web1: not there -> there')
  })

  test('own objects: a link, an address, a rule, a setting', async () => {
    await applyFile(host, FILE)
    await host.write(FILE, WEB.replace('6000', '6001'))
    await plan()
    await sh(
      'ip link set web0 mtu 1400; ip -n web1 addr add 10.5.0.9/24 dev eth0; iptables -D NSCTL-web-FWD 1; sysctl -qw net.ipv4.conf.web0.forwarding=0',
    )
    await moved(
      'host:web0.mtu 1500 -> 1400',
      'address/web1/eth0/10.5.0.9/24: not there -> there',
      'rules - -m devgroup',
      'sysctl/host/net/ipv4/conf/web0/forwarding\n      owned true -> false\n      value 1 -> 0',
    )
  })

  test('own objects that the plan would not touch', async () => {
    await applyFile(host, FILE)
    await plan(['--destroy'])
    await sh('ip -n web1 route del default')
    await moved('route/web1/0.0.0.0/0: there -> gone')
  })

  test('a setting of the host that it would change', async () => {
    await plan()
    await sh('sysctl -qw net.ipv4.conf.ens5.forwarding=1')
    await moved('sysctl/host/net/ipv4/conf/ens5/forwarding\n      value 0 -> 1')
    await sh('sysctl -qw net.ipv4.conf.ens5.forwarding=0')
  })

  test('somebody has taken a name, a network or a port', async () => {
    await plan()
    const held = await host.serve({ name: 'held', tcp: [6000] })
    await sh(
      'ip netns add web1; ip link add web0 type veth peer name x0; ip addr add 10.5.0.7/24 dev x0; ip link set x0 up',
    )
    await moved(
      'now it would be refused',
      "namespace-exists/web1: not there -> namespace web1 exists and is not nsctl's",
      "interface-exists/web0: not there -> interface web0 exists on the host and is not nsctl's",
      'port-held/tcp/6000: not there -> tcp port 6000 is held by',
      'subnet-overlap/lan: not there ->',
    )
    await held.stop()
    await sh('ip netns del web1; ip link del web0')
  })

  test('the uplink has gone', async () => {
    await plan()
    await sh('ip link set ens5 name gone5')
    await moved('uplink/ens5\n      exists true -> false')
    await sh(
      'ip link set gone5 name ens5 2>/dev/null; ip link set ens5 up; ip route replace default via 203.0.113.1 || true',
    )
  })

  test('somebody lives in what is to be destroyed', async () => {
    await applyFile(host, FILE)
    await plan(['--destroy'])
    const tenant = await host.serve({ name: 'tenant', namespace: 'web1', tcp: [8080] })
    await moved('namespace/web1\n      processes + ')
    await tenant.stop()
  })
})

describe('is not refused when', () => {
  test('another topology came or went that shares the uplink', async () => {
    await plan()
    await applyText(host, OTHER)
    expect(await apply()).toMatchObject({ exitCode: 0 })
    await plan(['--destroy'])
    await destroy(host, ['other'])
    expect(await apply()).toMatchObject({ exitCode: 0 })
    await applyText(host, OTHER)
    await plan()
    await destroy(host, ['other'])
    expect(await apply()).toMatchObject({ exitCode: 0 })
  })

  test('unrelated namespaces, links, rules, routes, processes and counters changed', async () => {
    const tenant = await host.serve({ name: 'tenant', tcp: [9999] })
    await applyFile(host, FILE)
    await host.serve({ name: 'web', namespace: 'web1', tcp: [8080] }).then(async server => {
      await host.write(FILE, WEB.replace('6000', '6001'))
      await plan()
      await server.stop()
    })
    const server = await host.serve({ name: 'web', namespace: 'web1', tcp: [8080] })
    await tenant.stop()
    await sh(
      'ip netns add alien; ip link add al0 type veth peer name al1; ip route add blackhole 10.200.0.0/16; iptables -A INPUT -p tcp --dport 9 -j ACCEPT; ip netns exec web1 ping -c 1 10.5.0.1 >/dev/null',
    )
    expect(await apply()).toMatchObject({ exitCode: 0 })
    await server.stop()
    await sh(
      'ip netns del alien; ip link del al0; ip route del blackhole 10.200.0.0/16; iptables -D INPUT -p tcp --dport 9 -j ACCEPT',
    )
  })
})

describe('a plan file that is none', () => {
  test.each([
    ['truncated', (text: string) => text.slice(0, text.length / 2), 'no whole JSON document'],
    ['edited', (text: string) => text.replace('10.5.0.1/24', '10.5.0.3/24'), 'damaged or edited'],
    ['of another format', (text: string) => text.replace('"1.0"', '"2.0"'), 'formatVersion'],
    ['without its text', (text: string) => text.replace('"declaration"', '"other"'), 'lacks'],
    ['with a list for its plan', () => '{"formatVersion":"1.0","topology":[]}', 'lacks'],
    ['deeply nested', () => `{"formatVersion":${'['.repeat(100_000)}`, 'no whole JSON document'],
  ])('%s is refused with 65, and nothing is done', async (_, change, why) => {
    await plan()
    await host.write(PLAN, change(await host.read(PLAN)))
    const result = await apply()
    expect(result, result.stderr).toMatchObject({ exitCode: 65, stdout: '' })
    expect(result.stderr).toContain(why)
  })

  test('that is the JSON of a plan without --out is refused', async () => {
    await host.write(PLAN, (await host.nsctl(['plan', FILE, '--format', 'json'])).stdout)
    expect(await apply()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('--out') })
  })

  test('with steps of somebody else and the right digest does nothing of them', async () => {
    const { sealed } = await import('../../../src/model/plan/saved-plan.ts')
    await plan()
    const forged = await document()
    const evil = { tool: 'write', path: '/etc/evil', content: 'x' }
    forged.steps[0].commands[0] = evil
    const { digest: _, fingerprint: __, ...rest } = forged
    await written(sealed(rest))
    expect(await apply()).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('the commands for') })
    forged.facts = []
    forged.shared = forged.changes.map(({ id }: { id: string }) => id)
    const { digest: ___, fingerprint: ____, ...more } = forged
    await written(sealed(more))
    await apply()
    expect((await host.run('ls', ['/etc/evil'], { reject: false })).exitCode).not.toBe(0)
  })

  test('with a text of another topology is refused', async () => {
    const { sealed } = await import('../../../src/model/plan/saved-plan.ts')
    await plan()
    const { digest: _, fingerprint: __, ...forged } = await document()
    forged.declaration.text = OTHER
    await written(sealed(forged))
    expect(await apply()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('of other') })
  })

  test('a topology written as JSON is a topology', async () => {
    await host.write(FILE, '{"name": "web", "namespaces": {"web1": {}}}')
    expect((await host.nsctl(['apply', FILE])).exitCode).toBe(0)
  })
})

test('a plan is saved as a plain file, in a directory that is there, and only where it may be applied', async () => {
  const to = (path: string) => host.nsctl(['plan', FILE, '--out', path])
  expect(await to('/dev/null')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('plain file') })
  expect(await to('/nowhere/x')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no such') })
  expect(await to(FILE)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no saved plan') })
  expect(await host.read(FILE)).toBe(WEB)
  await sh('ip netns add web1')
  await to('/run/refused.plan')
  expect((await host.run('ls', ['/run/refused.plan'], { reject: false })).exitCode).not.toBe(0)
  await sh('ip netns del web1')
})
