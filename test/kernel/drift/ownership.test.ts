import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { groupOf } from '../../../src/model/ownership.ts'
import { createHost, type Host } from '../host/host.ts'
import { applyFile, applyText, destroy, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'

const GROUP = String(groupOf('web'))

const topology = (ends = ['host:v1', 'host:v2'], more = '') => `
name: web
subnets: { one: 10.1.0.0/24, two: 10.1.1.0/24 }
namespaces: { n1: {}, n2: {} }
veths:
  - { subnet: one, ends: [${ends[0]}, n1:eth0] }
  - { subnet: two, ends: [${ends[1]}, n2:eth0] }
${more}`

let host: Host
const sh = (script: string) => host.run('sh', ['-ec', script])

beforeEach(async () => {
  host = await createHost()
})
afterEach(() => host.dispose())

const reach = async () => {
  const results = await host.probe([
    { from: 'n1', address: '10.1.0.1', port: 80 },
    { from: 'n2', address: '10.1.1.1', port: 80 },
  ])
  return results.map(({ name }) => name)
}

describe('two interfaces of the host that swap their names in the file', () => {
  test('have each other’s names afterwards, and everything that is on them', async () => {
    const before = await picture(host)
    await applyText(host, topology())
    await host.serve({ name: 'host', tcp: [80] })
    const indexes = async () =>
      (await sh('cat /sys/class/net/v1/ifindex /sys/class/net/v2/ifindex')).stdout.trim().split('\n')
    const [one, two] = await indexes()
    await applyText(host, topology(['host:v2', 'host:v1']))
    expect(await indexes()).toEqual([two, one])
    expect(await reach()).toEqual(['host', 'host'])
    await applyText(host, topology(['host:v1', 'host:v3']))
    expect(await reach()).toEqual(['host', 'host'])
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('a new pair may have the name that another gives up', async () => {
    await applyText(host, topology())
    const more =
      '  - { ends: [{ namespace: host, interface: v1, address: 10.7.0.1/24 }, { namespace: n1, interface: eth9, address: 10.7.0.2/24 }] }'
    await applyText(host, topology(['host:v9', 'host:v2'], more))
    await host.serve({ name: 'host', tcp: [80] })
    expect(await reach()).toEqual(['host', 'host'])
  })
})

describe('marks that somebody else has forged', () => {
  test('a group on links inside a foreign namespace takes nothing: apply and destroy leave it alone', async () => {
    await sh(`
      ip netns add foreign
      ip link add name f0 type veth peer name eth0 netns foreign
      ip -n foreign address add 192.0.2.9/24 dev eth0
      ip -n foreign link set dev lo group ${GROUP}
      ip -n foreign link set dev eth0 group ${GROUP}
      tc -n foreign qdisc add dev eth0 root tbf rate 1mbit burst 65550b latency 50ms
    `)
    const before = await picture(host)
    await applyText(host, topology())
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('a foreign namespace of a declared name with a forged group is refused', async () => {
    await sh(`ip netns add n1; ip -n n1 link set dev lo group ${GROUP}`)
    const before = await picture(host)
    const result = await host.nsctl(['apply', await topologyFile(host, topology()), '--yes'])
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('namespace-exists') })
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('a foreign link of a declared name in the group is refused where it leads elsewhere', async () => {
    await applyText(host, topology())
    await sh(
      `ip link del v1; ip link add name v1 group ${GROUP} type veth peer name elsewhere group ${GROUP}`,
    )
    const before = await picture(host)
    const result = await host.nsctl(['apply', await topologyFile(host, topology()), '--yes'])
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('group-stranger') })
    expect(difference(before, await picture(host))).toEqual([])
  })
})

describe('an end that is a port of somebody’s bridge', () => {
  const MADE = `
    ip netns add byhand
    ip link add name theirs type bridge
    ip link set theirs up
    ip link add name hand0 type veth peer name hand1 netns byhand
    ip link set hand0 master theirs up
    ip -n byhand link set hand1 up
  `

  test('stays one when it is adopted, and after it is given back', async () => {
    await sh(MADE)
    const before = await picture(host)
    const text =
      'name: web\nnamespaces: { byhand: { adopt: true } }\nveths:\n  - { adopt: true, ends: [host:hand0, byhand:hand1] }\n'
    await applyFile(host, await topologyFile(host, text))
    expect((await sh('readlink /sys/class/net/hand0/master')).stdout).toMatch(/theirs\n$/)
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('is not adopted into a segment of the topology’s own', async () => {
    await sh(MADE)
    const before = await picture(host)
    const text = `
name: web
subnets: { lan: { cidr: 10.1.0.0/24, bridge: br-lan } }
namespaces: { byhand: { adopt: true } }
veths:
  - { subnet: lan, adopt: true, ends: [host:hand0, byhand:hand1] }
`
    const result = await host.nsctl(['apply', await topologyFile(host, text), '--yes'])
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/adopt-port.*port of theirs/) })
    expect(difference(before, await picture(host))).toEqual([])
  })
})

test('a namespace that was unmounted while a process lives in it is made anew', async () => {
  await applyText(host, topology())
  const process = await host.start('sleep', ['600'], { namespace: 'n1' })
  await sh('umount /run/netns/n1')
  const file = await topologyFile(host, topology())
  expect((await host.nsctl(['plan', file, '--detailed-exitcode'])).exitCode).toBe(2)
  await applyFile(host, file)
  await host.serve({ name: 'host', tcp: [80] })
  expect(await reach()).toEqual(['host', 'host'])
  await process.stop()
  await destroy(host)
})
