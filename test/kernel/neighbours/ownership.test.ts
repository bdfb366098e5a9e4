import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from '../host/host.ts'
import { applyText, destroy, lastingDifference, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const [HOST] = OUTSIDE.host

/** One namespace with one published port; the name decides the rest. */
const small = (name: string, number: number) => `
name: ${name}
uplinks: [ens5]
subnets: { lan: 10.${number}.0.0/24 }
namespaces: { ns${number}: {} }
veths:
  - { subnet: lan, ends: [host:v${number}, ns${number}] }
forwards:
  - { listen: ${6000 + number}, to: ns${number}:8080 }
`

let host: Host
let before: Picture

const forwarding = async (link: string) =>
  (await host.read(`/proc/sys/net/ipv4/conf/${link}/forwarding`)).trim()

const nothingChanged = async (since = before) => {
  expect(difference(since, await picture(host))).toEqual([])
}

const sh = (script: string) => host.run('sh', ['-ec', script])

beforeAll(async () => {
  host = await createHost()
  before = await picture(host)
})
afterAll(() => host.dispose())

describe('several topologies on one host', () => {
  beforeEach(async () => {
    await host.nsctl(['destroy', '--all', '--yes'])
  })

  test('a name that begins like another is another: web stays when web-2 goes, and the other way round', async () => {
    await applyText(host, small('web', 1))
    const alone = await picture(host)
    await applyText(host, small('web-2', 2))
    await destroy(host, ['web-2'])
    expect(lastingDifference(alone, await picture(host))).toEqual([])
    await applyText(host, small('web-2', 2))
    await destroy(host, ['web'])
    const listed = JSON.parse((await host.nsctl(['list', '--format', 'json'])).stdout)
    expect(listed.topologies).toMatchObject([{ name: 'web-2', sync: 'in-sync' }])
    await destroy(host)
    await nothingChanged()
  })

  test('a shared uplink forwards until the last one goes', async () => {
    await applyText(host, small('one', 1))
    await applyText(host, small('two', 2))
    await host.serve({ name: 'two', namespace: 'ns2', tcp: [8080] })
    await destroy(host, ['one'])
    expect(await forwarding('ens5')).toBe('1')
    expect(await host.get({ from: 'outside', address: HOST, port: 6002 })).toMatchObject({ name: 'two' })
    expect(
      (await host.nsctl(['plan', await topologyFile(host, small('two', 2)), '--detailed-exitcode'])).exitCode,
    ).toBe(0)
    await destroy(host, ['two'])
    expect(await forwarding('ens5')).toBe('0')
    await nothingChanged()
  })

  test('destroy takes a name, a file, the only one there is, or all; among several it wants to know', async () => {
    const [one, two] = [small('one', 1), small('two', 2)]
    await applyText(host, one)
    await destroy(host, [await topologyFile(host, one)])
    await nothingChanged()

    await applyText(host, one)
    await applyText(host, two)
    const both = await picture(host)
    const asked = await host.nsctl(['destroy', '--yes'])
    expect(asked).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/one, two.*--all/s) })
    await nothingChanged(both)
    await destroy(host, ['--all'])
    await nothingChanged()

    expect(await host.nsctl(['destroy', '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing to destroy'),
    })
    await nothingChanged()
  })

  test('destroy asks, and off a terminal it needs --yes', async () => {
    await applyText(host, small('one', 1))
    const applied = await picture(host)
    const result = await host.nsctl(['destroy'])
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--yes') })
    await nothingChanged(applied)
    await destroy(host)
  })

  test('another topology’s namespace, interface, network and port are never taken', async () => {
    await applyText(host, small('one', 1))
    const applied = await picture(host)
    const wanting = `
name: two
subnets: { lan: 10.2.0.0/24, same: 10.1.0.128/25 }
namespaces: { ns1: {}, mine: {} }
veths:
  - { subnet: lan, ends: [host:v1, mine] }
  - { subnet: same, ends: [host, mine] }
forwards:
  - { listen: 6001, to: mine:80 }
`
    const result = await host.nsctl(['apply', await topologyFile(host, wanting), '--yes'])
    expect(result.exitCode).toBe(1)
    expect(codes(result.stderr)).toEqual([
      'interface-taken',
      'namespace-taken',
      'port-held',
      'subnet-overlap',
    ])
    expect(result.stderr.match(/topology one/g)?.length).toBeGreaterThanOrEqual(3)
    await nothingChanged(applied)
  })

  test('without its records a topology is still destroyed, all but what only they knew', async () => {
    await applyText(host, small('one', 1))
    await sh('rm -r /run/nsctl')
    const plan = await host.nsctl(['plan', await topologyFile(host, small('one', 1))])
    expect(plan.exitCode).toBe(0)
    await destroy(host, ['one'])
    const left = difference(before, await picture(host))
    expect(left.filter(line => !/ens5 > forwarding: "0" -> "1"/.test(line))).toEqual([])
    await sh('echo 0 > /proc/sys/net/ipv4/conf/ens5/forwarding')
  })
})

const codes = (stderr: string) =>
  [...new Set([...stderr.matchAll(/error\[([a-z-]+)\]/g)].map(([, code]) => code))].sort()

describe('what is there already and not nsctl’s', () => {
  const wanted = small('web', 1)

  test.each([
    ['a namespace', 'ip netns add ns1', 'ip netns del ns1', 'namespace-exists'],
    ['an interface', 'ip link add v1 type veth peer name v9', 'ip link del v1', 'interface-exists'],
    [
      'a network',
      'ip address add 10.1.0.9/24 dev ens5',
      'ip address del 10.1.0.9/24 dev ens5',
      'subnet-overlap',
    ],
    [
      'a published port',
      'iptables -t nat -A PREROUTING -p tcp --dport 6001 -j DNAT --to-destination 192.0.2.7:80',
      'iptables -t nat -D PREROUTING -p tcp --dport 6001 -j DNAT --to-destination 192.0.2.7:80',
      'port-held',
    ],
  ])('%s of a wanted name is refused, and nothing is changed', async (_, make, remove, code) => {
    await sh(make)
    const made = await picture(host)
    for (const command of ['plan', 'apply']) {
      const result = await host.nsctl([command, await topologyFile(host, wanted)])
      expect(result.exitCode).toBe(1)
      expect(codes(result.stderr)).toEqual([code])
    }
    await nothingChanged(made)
    await sh(remove)
  })

  test('a listener on a wanted port is refused, and named', async () => {
    const listener = await host.serve({ name: 'other', tcp: [6001] })
    const result = await host.nsctl(['apply', await topologyFile(host, wanted)])
    expect(result).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/port-held.*node \(pid \d+\)/s),
    })
    await listener.stop()
    await nothingChanged()
  })

  test('a listener for IPv6 alone does not hold a port that is published for IPv4', async () => {
    const script =
      'require("net").createServer().listen({ host: "::", port: 6001, ipv6Only: true }, () => console.log("up"))'
    const listener = await host.start(process.execPath, ['-e', script], { ready: /up/ })
    const result = await host.nsctl(['plan', await topologyFile(host, wanted)])
    expect(result).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('port-held') })
    listener.kill('SIGTERM')
    await listener.ended
  })

  test('a file of a wanted name is refused, and left alone', async () => {
    await host.write('/etc/netns/ns1/resolv.conf', 'nameserver 192.0.2.1\n')
    const made = await picture(host)
    const named = wanted.replace('ns1: {}', 'ns1: { nameservers: [192.0.2.53] }')
    const result = await host.nsctl(['apply', await topologyFile(host, named)])
    expect(result.exitCode).toBe(1)
    expect(codes(result.stderr)).toEqual(['file-exists'])
    await nothingChanged(made)
    await sh('rm -r /etc/netns')
  })

  test('a chain of a wanted name without a jump of ours is refilled, a foreign one beside it kept', async () => {
    await sh('iptables -N NSCTL-web2-FWD; iptables -A NSCTL-web2-FWD -j RETURN; iptables -N NSCTL-web-own')
    await applyText(host, wanted)
    await destroy(host, ['web'])
    const left = difference(before, await picture(host))
    expect(left.some(line => line.includes('NSCTL-web2-FWD'))).toBe(true)
    await sh('iptables -F NSCTL-web2-FWD; iptables -X NSCTL-web2-FWD; iptables -X NSCTL-web-own')
    await nothingChanged()
  })

  test('a stranger in the topology’s link group is reported, and left alone', async () => {
    await applyText(host, wanted)
    const [own] = JSON.parse((await host.run('ip', ['-j', 'link', 'show', 'v1'])).stdout)
    await sh(`ip link add name stray group ${own.group} type veth peer name astray`)
    const applied = await picture(host)
    const result = await host.nsctl(['apply', await topologyFile(host, wanted), '--yes'])
    expect(result.exitCode).toBe(1)
    expect(codes(result.stderr)).toEqual(['group-stranger'])
    await nothingChanged(applied)
    await sh('ip link del stray')
    await destroy(host, ['web'])
    await nothingChanged()
  })

  test('a declared pair that lost its alias alone gets it back', async () => {
    await applyText(host, wanted)
    await sh("ip link set v1 alias ''")
    await applyText(host, wanted)
    const [own] = JSON.parse((await host.run('ip', ['-j', 'link', 'show', 'v1'])).stdout)
    expect(own.ifalias).toBe('nsctl:web')
    await destroy(host, ['web'])
    await nothingChanged()
  })
})

describe('adoption', () => {
  afterAll(() => sh('ip link del hand0; ip netns del byhand'))

  const adopting = `
name: web
uplinks: [ens5]
subnets: { lan: 10.1.0.0/24 }
namespaces: { byhand: { adopt: true } }
veths:
  - { subnet: lan, adopt: true, ends: [{ namespace: host, interface: hand0 }, { namespace: byhand, interface: hand1, address: 10.1.0.2 }] }
forwards:
  - { listen: 6001, to: byhand:8080 }
`

  const byHand = `
    ip netns add byhand
    ip link add hand0 type veth peer name hand1 netns byhand
    ip address add 10.1.0.1/24 dev hand0
    ip address add fd99::1/64 nodad dev hand0
    ip link set hand0 up
    ip -n byhand address add 10.1.0.2/24 dev hand1
    ip -n byhand address add 10.1.0.3/24 dev hand1
    ip -n byhand link set hand1 up
    ip -n byhand link set lo up
    ip -n byhand route add default via 10.1.0.1
  `

  test('adopted things only get marks, and are given back without', async () => {
    await sh(byHand)
    const made = await picture(host)
    await applyText(host, adopting)
    const marked = difference(made, await picture(host))
    const ofThem = marked.filter(line => /> links > |namespaces > byhand/.test(line))
    expect(ofThem.map(line => line.replace(/^(.) namespaces > /, '$1 '))).toEqual(
      expect.arrayContaining([
        '+ host > links > hand0 > attributes > ifalias: "nsctl:web:adopted"',
        '+ byhand > links > hand1 > attributes > ifalias: "nsctl:web:adopted"',
        '+ byhand > links > lo > attributes > ifalias: "nsctl:web:adopted"',
      ]),
    )
    expect(ofThem.filter(line => !/ifalias|attributes > group/.test(line))).toEqual([])
    await host.serve({ name: 'byhand', namespace: 'byhand', tcp: [8080] })
    expect(await host.get({ from: 'outside', address: HOST, port: 6001 })).toMatchObject({ name: 'byhand' })
    await destroy(host, ['web'])
    await nothingChanged(made)
  })

  test('an adopted end that is renamed takes along what is claimed on it, and what is not', async () => {
    const untouched = await picture(host)
    const claiming = adopting.replace('10.1.0.0/24', '{ cidr: [10.1.0.0/24, "fd77::/64"] }')
    await applyText(host, claiming)
    await applyText(host, claiming.replace('interface: hand0', 'interface: other'))
    expect(await host.read('/run/nsctl/claims.json')).not.toContain('hand0')
    await applyText(host, claiming)
    await destroy(host)
    expect(difference(untouched, await picture(host))).toEqual([])
    await applyText(host, claiming)
    await applyText(host, claiming.replace('interface: hand0', 'interface: other'))
    await destroy(host)
    await sh('ip link set other name hand0')
    expect(difference(untouched, await picture(host))).toEqual([])
  })

  test('what the file does not adopt is refused', async () => {
    const made = await picture(host)
    const text = adopting.replaceAll('adopt: true,', '').replace('{ adopt: true }', '{}')
    const result = await host.nsctl(['apply', await topologyFile(host, text)])
    expect(result.exitCode).toBe(1)
    expect(codes(result.stderr)).toContain('namespace-exists')
    expect(result.stderr).toContain('adopt: true')
    await nothingChanged(made)
  })
})

describe('what would be lost with a namespace', () => {
  test('destroy is refused while it holds an interface of somebody else’s', async () => {
    await applyText(host, small('web', 1))
    await sh('ip link add theirs type veth peer name far netns outside; ip link set theirs netns ns1')
    const held = await picture(host)
    const result = await host.nsctl(['destroy', 'web', '--yes'])
    expect(result).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/namespace ns1 holds theirs.*ip -n ns1 link set dev theirs netns 1/s),
    })
    await nothingChanged(held)
    await sh('ip -n ns1 link del theirs')
    await destroy(host, ['web'])
    await nothingChanged()
  })

  test('a tenant’s own bridges and tunnels go with it', async () => {
    await applyText(host, small('web', 1))
    await sh('ip -n ns1 link add br0 type bridge; ip -n ns1 link add name a0 type veth peer name b0')
    await destroy(host, ['web'])
    await nothingChanged()
  })

  test('processes that run in it are listed', async () => {
    await applyText(host, small('web', 1))
    const server = await host.serve({ name: 'web', namespace: 'ns1', tcp: [8080] })
    const plan = await host.nsctl(['plan', await topologyFile(host, small('web', 1)), '--destroy'])
    expect(plan.stdout).toMatch(/processes in it.*peer\.mjs.*\(pid \d+\)/)
    await destroy(host, ['web'])
    await nothingChanged()
    await server.stop()
  })
})
