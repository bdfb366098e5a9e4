import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, HOST4 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { expectPaths, script, serveIn } from '../host/paths.ts'
import { applyFile, applyText, destroy, type PlannedChange, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const SUBNETS = 200
const FORWARDS = 3000

/** Thousands of ports over hundreds of subnets, some of which may not leave. */
function large(target = (i: number) => i % SUBNETS): string {
  const each = (make: (i: number) => string, count = SUBNETS) =>
    Array.from({ length: count }, (_, i) => make(i)).join('\n')
  return `
name: large
uplinks: [ens5]
subnets:
${each(i => `  s${i}: { cidr: 10.${100 + (i >> 6)}.${i & 63}.0/24${i % 10 === 9 ? ', uplinks: []' : ''} }`)}
namespaces:
${each(i => `  n${i}: {}`)}
veths:
${each(i => `  - { subnet: s${i}, ends: [host, n${i}] }`)}
forwards:
${each(i => `  - { listen: ${20000 + 7 * i}, to: n${target(i)}:${1000 + i}, protocol: ${i % 5 === 0 ? '[tcp, udp]' : 'tcp'} }`, FORWARDS)}
`
}

describe.each(['nft', 'legacy'])('thousands of forwards, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture

  beforeAll(async () => {
    host = await createHost()
    await script(host, `ip -n outside route add 10.100.0.0/14 via ${HOST4}`)
    before = await picture(host)
    await applyText(host, large(), options)
    await serveIn(host, { n0: [1000, 3000], n199: [1199, 3999], n5: [1005], outside: [80] })
  })
  afterAll(() => host.dispose())

  const portOf = (i: number) => 20000 + 7 * i

  test('the first, the last and those between reach their targets, and nothing else is open', () =>
    expectPaths(host, [
      ['outside', `${HOST4}:${portOf(0)}`, `n0 ${CLIENT4}`, { source: CLIENT4 }],
      ['outside', `${HOST4}:${portOf(2000)}`, 'n0'],
      ['outside', `${HOST4}:${portOf(199)}`, 'n199'],
      ['outside', `${HOST4}:${portOf(2999)}`, 'n199'],
      ['host', `127.0.0.1:${portOf(2999)}`, 'n199'],
      ['n5', `${HOST4}:${portOf(5)}`, 'n5'],
      ['outside', `${HOST4}:${portOf(0) + 1}`, 'ECONNREFUSED'],
      ['outside', '10.103.7.2:3999', 'timeout'],
      ['n0', '10.103.7.2:3999', 'timeout'],
      ['n0', `${CLIENT4}:80`, `outside ${HOST4}`],
      ['n199', `${CLIENT4}:80`, 'timeout'],
    ]))

  test('no chain is long, and filter rules do not grow with namespaces', async () => {
    const save = await script(host, `iptables-${variant}-save`)
    const lengths = new Map<string, number>()
    for (const [, chain = ''] of save.matchAll(/^-A (NSCTL-large-\S+)/gm))
      lengths.set(chain, (lengths.get(chain) ?? 0) + 1)
    expect(Math.max(...lengths.values())).toBeLessThanOrEqual(40)
    expect(lengths.get('NSCTL-large-GRD')).toBeLessThan(5)
  })

  test('an edit of one forward changes few chains, and gets through', async () => {
    const edited = large(i => (i === 2000 ? 199 : i % SUBNETS))
    const path = await topologyFile(host, edited)
    const { stdout } = await host.nsctl(['plan', path, '--format', 'json', ...options])
    const changes: PlannedChange[] = JSON.parse(stdout).changes
    expect(changes.map(({ kind }) => kind)).toEqual(['chain'])
    await applyFile(host, path, options)
    await expectPaths(host, [
      ['outside', `${HOST4}:${portOf(2000)}`, 'ECONNREFUSED'],
      ['outside', `${HOST4}:${portOf(2999)}`, 'n199'],
    ])
    await serveIn(host, { n199: [3000] })
    await expectPaths(host, [['outside', `${HOST4}:${portOf(2000)}`, 'n199']])
  })

  test('destroy gives the host back as it was', async () => {
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })
})
