import { expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyFile, topologyFile } from '../host/topology.ts'

const FIRST = `
name: lab
uplinks: [ens5]
subnets:
  web: { cidr: [10.30.1.0/24, fd30:1::/64] }
  db: { cidr: 10.30.2.0/24, uplinks: [] }
  seg: { cidr: 10.30.3.0/24, bridge: brseg }
namespaces: { web1: {}, db1: {}, s1: {}, s2: {} }
veths:
  - { subnet: web, ends: [host, web1] }
  - { subnet: db, ends: [host, db1] }
  - { subnet: seg, ends: [host, s1] }
  - { subnet: seg, ends: [host, s2] }
forwards:
  - { listen: 6000, to: web1:80 }
  - { listen: 6001-6003, to: s1:8001-8003, protocol: [tcp, udp] }
  - { listen: 6004, to: db1:5432, sources: [203.0.113.0/24] }
  - { listen: '127.0.0.1:6005', to: db1:5432 }
allow:
  - { from: web, to: db1, ports: [5432] }
expect:
  - { from: web1, to: '198.51.100.7:80' }
  - { from: db1, to: '198.51.100.7:80', reachable: false }
  - { from: s1, to: s2:80 }
  - { from: web1, to: s2:80, reachable: false }
`
/** Another target, a port less, one more of another subnet, a path closed and one opened, a way out given. */
const SECOND = FIRST.replace('to: web1:80', 'to: s2:80')
  .replace('6001-6003, to: s1:8001-8003', '6001-6002, to: s1:8001-8002')
  .replace('uplinks: []', 'uplinks: [ens5]')
  .replace('from: web, to: db1', 'from: s1, to: db1')
  .replace('  - { listen: 6004', '  - { listen: 6006, to: db1:22 }\n  - { listen: 6004')

interface Flow {
  flow: string
  before: string
  after: string
  changed: boolean
}

async function flowsOf(host: Host, path: string, ...options: string[]): Promise<Flow[]> {
  const { stdout, stderr } = await host.nsctl(['plan', path, '--flows', '--format', 'json', ...options])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).flows
}

const ends = (flows: Flow[], when: 'before' | 'after') =>
  Object.fromEntries(flows.map(({ flow, [when]: end }) => [flow, end]))

test('what a plan says of flows is what the host says of them afterwards', async () => {
  await using host = await createHost()
  for (const text of [FIRST, SECOND, FIRST]) {
    const path = await topologyFile(host, text)
    const planned = await flowsOf(host, path)
    expect(planned.some(({ changed }) => changed)).toBe(true)
    await applyFile(host, path)
    const found = await flowsOf(host, path)
    expect(found.filter(({ changed }) => changed)).toEqual([])
    // What went is not in the file, and so is not told of again.
    const still = planned.filter(({ flow }) => found.some(one => one.flow === flow))
    expect(ends(still, 'after')).toEqual(ends(found, 'before'))
  }
  const path = await topologyFile(host, FIRST)
  const gone = await flowsOf(host, path, '--destroy')
  expect(gone.map(({ after }) => after)).toEqual(gone.map(() => 'unreachable'))
  expect(gone.length).toBeGreaterThan(4)
})

test('text and markdown tell what changes, and only that', async () => {
  await using host = await createHost()
  await applyFile(host, await topologyFile(host, FIRST))
  const path = await topologyFile(host, SECOND)
  const { stdout } = await host.nsctl(['plan', path, '--flows'])
  expect(stdout.slice(stdout.indexOf('\nFlows\n'))).toMatchInlineSnapshot(`
    "
    Flows
      tcp outside -> host:6000         web1:80 -> s2:80
      tcp outside -> host:6006         unreachable -> db1:22
      tcp s1 -> db1:5432               unreachable -> db1:5432
      tcp db1 -> 198.51.100.7:80       unreachable -> outside:80
      tcp outside -> host:6001-6003    s1:8001 -> s1:8001 in part
      udp outside -> host:6001-6003    s1:8001 -> s1:8001 in part
      tcp outside -> host:6000 (IPv6)  web1:80 -> unreachable   nothing listens on tcp [2001:db8:113::10]:6000 in host
      7 of 14 as before
    "
  `)
  const markdown = await host.nsctl(['plan', path, '--flows', '--format', 'markdown'])
  expect(markdown.stdout).toContain(
    '| flow | before | after |\n| --- | --- | --- |\n| tcp outside -\\> host:6000 | web1:80 | s2:80 |\n',
  )
})

test('flows can be told of a saved snapshot, anywhere', async () => {
  await using host = await createHost()
  const { stdout } = await host.nsctl(['snapshot'])
  await host.write('/run/snapshot.json', stdout)
  const flows = await flowsOf(host, await topologyFile(host, FIRST), '--live', '/run/snapshot.json')
  expect(flows[0]).toMatchObject({
    flow: 'tcp outside -> host:6000',
    before: 'unreachable',
    after: 'web1:80',
    changed: true,
  })
})
