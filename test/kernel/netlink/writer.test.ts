import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestOf } from '../../../src/kernel/netlink/requests.ts'
import { argumentsOf } from '../../../src/model/command/batch.ts'
import type { IpCommand, PutAddress, RouteCommand, SetLink } from '../../../src/model/command/ip.ts'
import { applyPhases } from '../apply/phases.ts'
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

describe('a command that is put to the kernel by netlink does what it does by `ip`', () => {
  const mac = fc.constantFrom('02:00:00:00:00:0a', '02:00:00:00:00:0b', '03:00:00:00:00:01')
  const dev = fc.constantFrom('lo', 'd0', 'd1', 'nosuch')
  const optional = <T>(values: Record<string, fc.Arbitrary<T>>) => fc.record(values, { requiredKeys: [] })
  const of = (op: IpCommand['op'], own: Record<string, fc.Arbitrary<unknown>>, more = {}) =>
    fc
      .tuple(fc.record(own), optional(more))
      .map(([all, some]) => ({ tool: 'ip', namespace: '', op, ...all, ...some }) as IpCommand)
  const command = fc.oneof(
    of(
      'link-set',
      { dev },
      {
        mac,
        // Below 1280 the kernel forgets all of IPv6 on the link, and then detects duplicates for a second.
        mtu: fc.constantFrom(1280, 1400, 1500, 70_000),
        group: fc.constantFrom(0, 7, 0x4eff_ffff),
        alias: fc.constantFrom('a', 'nsctl:web', 'x'.repeat(255)),
        state: fc.constant('up'),
      },
    ),
    of('address-replace', { dev, address: fc.constantFrom('10.9.0.1/24', '10.9.0.7/32', '192.0.2.0/31') }),
    of('address-replace', {
      ...{ dev, nodad: fc.constant(true) },
      address: fc.constantFrom('2001:db8:9::1/64', 'fe80::9/64', '2001:db8::1/128'),
    }),
    of('route-replace', {
      to: fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '192.0.2.7/32', '10.9.0.0/16'),
      via: fc.constantFrom(null, '10.9.0.2', '192.0.2.1', '203.0.113.1'),
      ...ROUTE,
    }),
    of('route-replace', {
      to: fc.constantFrom('::/0', '2001:db8:5::/48', '2001:db8:9::7/128'),
      via: fc.constantFrom(null, '2001:db8:9::2', 'fe80::2', '2001:db8:ffff::1'),
      ...ROUTE,
    }),
  )
  const SEQUENCES = 40
  const START: IpCommand[] = ['d0', 'd1'].flatMap((dev, i): IpCommand[] => [
    { tool: 'ip', namespace: '', op: 'link-set', dev, state: 'up' },
    { tool: 'ip', namespace: '', op: 'address-replace', address: `10.9.${i}.1/24`, dev },
    { tool: 'ip', namespace: '', op: 'address-replace', address: `2001:db8:9:${i}::1/64`, dev, nodad: true },
  ])

  test('in the same order, with the same refusals', async () => {
    await using host = await createHost()
    const sequences = fc
      .sample(fc.array(command, { minLength: 4, maxLength: 12 }), { numRuns: SEQUENCES, seed: 1 })
      .map(commands => [...START, ...commands])
    expect(sequences.flat().filter(one => requestOf(one) === null)).toEqual([])
    const places = ['ip', 'nl'].flatMap(writer => sequences.map((_, i) => `${writer}${i}`))
    await host.run('ip', ['-batch', '-'], { input: places.map(name => `netns add ${name}\n`).join('') })
    for (const name of places) {
      const ends = ['d0', 'd1'].map((dev, i) => `name ${dev} index ${7 + i} address 02:00:00:00:01:0${i}`)
      const silent = ['d0', 'd1'].map(dev => `link set dev ${dev} addrgenmode none`)
      const input = [`link add ${ends.join(' type veth peer ')}`, ...silent].join('\n')
      await host.run('ip', ['-n', name, '-batch', '-'], { input: `${input}\n` })
    }
    const batchesOf = (writer: string) =>
      sequences.map((commands, i) => ({
        commands: commands.map(one => ({ ...one, namespace: `${writer}${i}` })),
        changes: [],
      }))
    const byIp = await applyPhases(host, { phases: [batchesOf('ip')], reader: 'ip' })
    // Each in a phase of its own, or what comes behind a refusal would not be tried.
    const single = batchesOf('nl').flatMap(({ commands }) =>
      commands.map(one => [{ commands: [one], changes: [] }]),
    )
    const byNetlink = await applyPhases(host, { phases: single, reader: 'netlink', processes: false })
    const refused = (failures: string[]) =>
      failures.map(text => text.replace(/^ip -n (?:ip|nl)(\d+) (.*?): .*$/s, '$1 $2')).toSorted()
    expect(byIp.length).toBeGreaterThan(50)
    expect(byIp.length).toBeLessThan(sequences.flat().length / 2)
    expect(refused(byNetlink)).toEqual(refused(byIp))
    for (const [i, commands] of sequences.entries()) {
      const shown = commands.map(one => argumentsOf(one).join(' ')).join('\n')
      expect(await stateOf(host, `nl${i}`), shown).toEqual(await stateOf(host, `ip${i}`))
    }
  })
})

const ROUTE = {
  type: fc.constant('unicast'),
  dev: fc.constantFrom('d0', 'd1'),
  table: fc.constantFrom(254, 7, 255),
  metric: fc.constantFrom(0, 5, 1024),
  protocol: fc.constantFrom(110, 4),
}

/** All that `ip` shows of a namespace, without its name. */
async function stateOf(host: Host, name: string): Promise<unknown[]> {
  const questions = ['link', 'addr', 'route show table all', '-6 route show table all']
  const answers = questions.map(async question => {
    const { stdout } = await host.run('ip', ['-n', name, '-j', '-d', ...question.split(' ')])
    return JSON.parse(stdout) as Record<string, unknown>[]
  })
  // Whether a link that just went up is operational, the kernel says later.
  return (await Promise.all(answers)).map(list =>
    list.map(({ operstate: _, flags: __, ...rest }) => JSON.stringify(rest)).toSorted(),
  )
}

const AT = { tool: 'ip', namespace: 'web' } as const
const SET: SetLink = { ...AT, op: 'link-set', dev: 'eth0' }
const PUT: PutAddress = { ...AT, op: 'address-replace', dev: 'eth0', address: '10.0.0.1/24' }
const VIA: RouteCommand = {
  ...{ ...AT, op: 'route-replace', type: 'unicast', to: '10.0.0.0/8', via: '10.1.0.1' },
  ...{ dev: 'eth0', table: 254, metric: 0, protocol: 110 },
}
const LEFT: IpCommand[] = [
  { ...SET, state: 'down' },
  { ...SET, master: null, state: 'up' },
  { ...SET, addrgenmode: 'none' },
  { ...SET, name: 'eth1' },
  { ...SET, mac: '02-00' },
  { ...SET, hairpin: true },
  { ...AT, op: 'link-add', type: 'bridge', link: { name: 'br0' } },
  { ...AT, op: 'address-delete', address: '10.0.0.1/24', dev: 'eth0' },
  { ...PUT, address: '10.0.0.1' },
  { ...PUT, address: '127.0.0.2/8', dev: 'lo' },
  { ...PUT, noprefixroute: true },
  { ...PUT, scope: 'link' },
  { ...VIA, type: 'blackhole', via: null, dev: null },
  { ...VIA, via: 'fe80::1' },
  { ...VIA, dev: null },
  { ...VIA, onlink: true },
  { ...VIA, source: '10.1.0.2' },
  { ...VIA, table: 1000 },
  { ...VIA, op: 'route-delete' },
  {
    ...{ ...AT, op: 'rule-add', family: 'ipv4', selector: { from: '10.0.0.0/8' } },
    ...{ table: 100, priority: 9, protocol: 110 },
  },
]
test.each(LEFT.map(one => [argumentsOf(one).join(' '), one] as const))('%s is left to `ip`', (_, one) => {
  expect(requestOf(one)).toBeNull()
})
