import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { requestOf } from '../../../src/kernel/netlink/words.ts'
import { createHost, type Host } from '../host/host.ts'
import { applyFile, lastingDifference, topologyFile } from '../host/topology.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))
const WRITERS = ['ip', 'netlink']

/** What each writer leaves on a host of its own. */
async function pictures(path: string): Promise<Picture[]> {
  return Promise.all(
    WRITERS.map(async reader => {
      await using host = await createHost()
      await applyFile(host, path, ['--reader', reader])
      return withoutMacs(await picture(host))
    }),
  )
}

/** MACs are the kernel's choice, link-local addresses are made of them, and local routes stand in their order. */
function withoutMacs(taken: Picture): Picture {
  const text = JSON.stringify(taken).replace(/fe80::[\da-f:]*ff:fe[\da-f:]*/g, 'fe80::')
  // Routes are lines of JSON in it, so that their quotes are escaped.
  return JSON.parse(text.replace(/(\\"dst\\":\\"fe80::\\"),\\"dev\\":\\"\w+\\"/g, '$1'))
}

/** The tools that an apply has called. */
async function called(host: Host, args: string[]): Promise<string[]> {
  const { exitCode, stderr } = await host.nsctl([...args, '--yes', '--log-level', 'trace'])
  if (exitCode !== 0) throw new Error(stderr)
  return [...stderr.matchAll(/"tool":"[^"]*\/(\w+)"/g)].map(([, tool]) => tool ?? '')
}

describe('what netlink configures is what `ip` configures', () => {
  const chosen = ['dual-stack', 'layer2', 'rate', 'routers', 'segment', 'settings', 'two-ends']
  test.each(chosen)('of the example %s', async name => {
    const [byIp, byNetlink] = (await pictures(`${EXAMPLES}${name}.yaml`)) as [Picture, Picture]
    expect(lastingDifference(byIp, byNetlink)).toEqual([])
  })
})

test('no process enters a namespace to configure it, where its words are known', async () => {
  await using host = await createHost()
  const text = readFileSync(`${EXAMPLES}dual-stack.yaml`, 'utf8')
  const path = await topologyFile(host, text)
  expect(await called(host, ['apply', path, '--reader', 'netlink'])).not.toContain('nsenter')
  await host.nsctl(['destroy', '--yes'])
  expect(await called(host, ['apply', path, '--reader', 'ip'])).toContain('nsenter')
})

test('what the kernel refuses is told by `ip`, with the line that it refused', async () => {
  const told = await Promise.all(
    WRITERS.map(async reader => {
      await using host = await createHost()
      await host.run('ip', ['netns', 'add', 'web'])
      const path = await topologyFile(
        host,
        `name: far
subnets: { lan: 10.20.0.0/24 }
namespaces: { web: { adopt: true, routes: [{ to: 192.0.2.0/24, via: 10.99.0.1 }] } }
veths: [{ subnet: lan, ends: [host, web] }]
`,
      )
      const { exitCode, stderr } = await host.nsctl(['apply', path, '--yes', '--reader', reader])
      return { exitCode, stderr }
    }),
  )
  expect(told[1]).toEqual(told[0])
  expect(told[1]).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining(
      'route/web/192.0.2.0/24: ip -n web route replace 192.0.2.0/24 via 10.99.0.1 proto 110: Error: Nexthop has invalid gateway.',
    ),
  })
})

test.each([
  'link set dev eth0 down',
  'link set dev eth0 nomaster up',
  'link set dev eth0 addrgenmode none',
  'link set dev eth0 name eth1',
  'link set dev eth0 mtu',
  'link set eth0 up',
  'link set dev eth0 address 02-00',
  'link add name br0 type bridge',
  'addr del 10.0.0.1/24 dev eth0',
  'addr replace 10.0.0.1 dev eth0',
  'addr replace 127.0.0.2/8 dev lo',
  'addr replace 10.0.0.1/24 dev eth0 noprefixroute',
  'route replace blackhole 10.0.0.0/8 proto 110',
  'route replace 10.0.0.0/8 via fe80::1 dev eth0 proto 110',
  'route replace 10.0.0.0/8 via 10.1.0.1 proto 110',
  'route replace 10.0.0.0/8 dev eth0 table 1000 proto 110',
  'route del 10.0.0.0/8 dev eth0 proto 110',
  'rule add from 10.0.0.0/8 table 100',
])('%s is left to `ip`', line => {
  expect(requestOf(line.split(' '))).toBeNull()
})
