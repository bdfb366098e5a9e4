import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from '../host/host.ts'
import { applyText, changesOf, destroy, lastingDifference } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const [HOST] = OUTSIDE.host

/** What is edited belongs to n2; n1 is what nothing may happen to. */
const BASE = `
name: edit
uplinks: [ens5]
subnets:
  web: 10.1.0.0/24
  db: { cidr: 10.1.1.0/24 }
namespaces:
  n1: {}
  n2: {}
veths:
  - { subnet: web, ends: [host:v1, n1:eth0] }
  - { subnet: db, ends: [host:v2, { namespace: n2, interface: eth0, mac: '02:00:00:00:00:02' }] }
forwards:
  - { listen: 6000, to: n1:8080 }
  - { listen: 6001, to: n2:8080 }
`
const DB = '10.1.1.0/24'
const END = 'interface: eth0, mac'
const LAST = '  - { listen: 6001, to: n2:8080 }\n'

const replace = (what: string, by: string) => (text: string) => {
  if (!text.includes(what)) throw new Error(`the file does not hold ${what}`)
  return text.replaceAll(what, by)
}

/** An edit, and the ids of all that may change for it. */
const EDITS: [string, (text: string) => string, RegExp][] = [
  ['a forward more', text => `${text}  - { listen: 6002, to: n2:9090 }\n`, /^chain\/.*-(DST|PRE)$/],
  ['a forward less', replace(LAST, ''), /^chain\/.*-(DST|PRE)$/],
  ['another target port', replace('n2:8080', 'n2:9090'), /^chain\/.*-DST$/],
  ['another port', replace('6001', '6003'), /^chain\/.*-DST$/],
  ['a forward of one address', replace('listen: 6001', `listen: '${HOST}:6001'`), /^chain\/.*-DST$/],
  ['a namespace more', replace('  n2: {}\n', '  n2: {}\n  n3: {}\n'), /^namespace\/n3$/],
  [
    'a veth pair between namespaces',
    replace('forwards:', "  - { ends: ['n1:x', 'n2:x'] }\nforwards:"),
    /^veth\/n1\/x$/,
  ],
  ['a veth MTU', replace('ends: [host:v2', 'mtu: 1400, ends: [host:v2'), /^veth\/n2\/eth0$/],
  ['a subnet MTU', replace(DB, `${DB}, mtu: 1300`), /^veth\/n2\/eth0$/],
  ['a MAC', replace('00:02', '00:99'), /^veth\/n2\/eth0$/],
  ['an explicit address', replace(END, `address: 10.1.1.77, ${END}`), /^address\/n2\/|^chain\/.*-DST$/],
  [
    'another gateway',
    replace(DB, `${DB}, gateway: 10.1.1.254`),
    /^address\/(host\/v2|n2)\/|^route\/n2\/|-DST$/,
  ],
  [
    'another network',
    replace(DB, '10.1.9.0/25'),
    /^address\/(host\/v2|n2)\/|^route\/n2\/|^chain\/.*-(DST|POST)$/,
  ],
  [
    'another name on the host',
    replace('host:v2', 'host:w2'),
    /^(address|sysctl)\/host\/.*[vw]2|^veth\/n2\/eth0$/,
  ],
  ['another name in the namespace', replace('interface: eth0', 'interface: up0'), /\/n2\/|[/]v2\b|-DST$/],
  ['another namespace', replace('n2', 'n4'), /\bn[24]\b|\bv2\b|-DST$/],
  ['a setting', replace('  n2: {}', '  n2: { sysctls: { net.ipv4.ip_default_ttl: 99 } }'), /^sysctl\/n2\//],
  [
    'a route',
    replace('  n2: {}', '  n2: { routes: [{ to: 10.7.0.0/16, via: 10.1.1.1 }] }'),
    /^route\/n2\/10\.7\.0\.0/,
  ],
  [
    'a metric',
    replace('  n2: {}', '  n2: { routes: [{ to: 10.7.0.0/16, via: 10.1.1.1, metric: 5 }] }'),
    /^route\/n2\//,
  ],
  ['no default route', replace(END, `default-route: false, ${END}`), /^(route|rule)\/n2\//],
  ['a name server', replace('  n2: {}', '  n2: { nameservers: [192.0.2.53] }'), /^file\/n2\//],
  ['another name server', replace('  n2: {}', '  n2: { nameservers: [192.0.2.54] }'), /^file\/n2\//],
  [
    'a route of the host',
    text => `${text}host: { routes: [{ to: 10.8.0.0/16, via: 10.1.1.2 }] }\n`,
    /^route\/host\/10\.8/,
  ],
  ['the FORWARD policy', text => `${text}host: { forward-policy: drop }\n`, /^policy\/host\/ipv4\/FORWARD$/],
  ['no masquerading', replace(DB, `${DB}, masquerade: false`), /^chain\/.*-(POST|FWD)$/],
  ['no way out', replace(DB, `${DB}, uplinks: []`), /^chain\/.*-(POST|FWD)$/],
  [
    'a second uplink',
    replace('[ens5]', '[ens5, wan]'),
    /^sysctl\/host\/.*wan\/|^(route|rule)\/host\/|^chain\/.*-(POST|FWD|FENCE|PRE|EXT|MRKI|MRKO)$/,
  ],
  ['nothing', text => text, /never/],
]

describe('edits of a file', () => {
  let host: Host
  let base: Picture
  let before: Picture
  let last: RegExp = /never/

  beforeAll(async () => {
    host = await createHost()
    await host.run('sh', ['-ec', 'ip link add wan type veth peer name far netns outside; ip link set wan up'])
    before = await picture(host)
    await applyText(host, BASE)
    base = await picture(host)
    await host.serve({ name: 'n1', namespace: 'n1', tcp: [8080] })
  })
  afterAll(() => host.dispose())

  const indexes = async () =>
    (
      await host.run('sh', [
        '-ec',
        'cat /sys/class/net/v1/ifindex /sys/class/net/ens5/ifindex; ip -n n1 -o link | cut -d: -f1,2; stat -Lc %i /run/netns/n1',
      ])
    ).stdout

  test.each(EDITS)('%s: applied, and nothing else is changed', async (_, edit, allowed) => {
    const text = edit(BASE)
    const watch = await host.watch('outside', { address: HOST, port: 6000 })
    const strangers = async () => (await indexes()).replace(/^\d+: x.*\n/m, '')
    const untouched = await strangers()
    const changes = await changesOf(host, text)
    expect(changes.map(({ id }) => id).filter(id => !(allowed.test(id) || last.test(id)))).toEqual([])
    expect(changes.length).toBeGreaterThan(0)
    last = allowed
    await applyText(host, text)
    expect(await strangers()).toBe(untouched)
    const { answers, failures } = await watch.stop()
    expect(failures).toEqual([])
    expect(answers).toBeGreaterThan(1)
  })

  test('back at the first file, the host is as it was with it', async () => {
    expect(lastingDifference(base, await picture(host))).toEqual([])
  })

  test('destroy gives the host back as it was', async () => {
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })
})

test('of two files one goes: with the other go the directories that were made for them', async () => {
  await using host = await createHost()
  const before = await picture(host)
  const both =
    'name: files\nnamespaces: { n1: { nameservers: [192.0.2.1] }, n2: { nameservers: [192.0.2.2] } }\n'
  await applyText(host, both)
  await applyText(host, both.replace(' nameservers: [192.0.2.1] ', ''))
  await destroy(host, ['files'])
  expect(difference(before, await picture(host))).toEqual([])
})

test('a bridge takes what its smallest port does, as the kernel has it, through edits that make ports smaller and larger', async () => {
  await using host = await createHost()
  const before = await picture(host)
  const segment = (web: string, db: string) => `
name: segment
subnets: { lan: { cidr: 10.1.0.0/24, bridge: br-lan } }
namespaces: { web: {}, db: {} }
veths:
  - { subnet: lan, ends: [host, web]${web} }
  - { subnet: lan, ends: [host, db]${db} }
`
  const mtu = async () => (await host.read('/sys/class/net/br-lan/mtu')).trim()
  await applyText(host, segment('', ', mtu: 1450'))
  expect(await mtu()).toBe('1450')
  await applyText(host, segment('', ''))
  expect(await mtu()).toBe('1500')
  await applyText(host, segment(', mtu: 1300', ', mtu: 9000'))
  expect(await mtu()).toBe('1300')
  await applyText(host, segment(', mtu: 9000', ', mtu: 9000'))
  expect(await mtu()).toBe('9000')
  await destroy(host, ['segment'])
  expect(difference(before, await picture(host))).toEqual([])
})

test('the ends of a pair get other names and, at once, another network of both families', async () => {
  await using host = await createHost()
  const before = await picture(host)
  const pair = (networks: string, outer: string, inner: string) => `
name: pair
subnets: { lan: { cidr: [${networks}] } }
namespaces: { n1: {} }
veths: [{ subnet: lan, ends: ['host:${outer}', 'n1:${inner}'] }]
`
  await applyText(host, pair("10.1.0.0/24, 'fd01::/64'", 'v1', 'eth0'))
  await applyText(host, pair("10.2.0.0/24, 'fd02::/64'", 'w1', 'eth0'))
  await applyText(host, pair("10.3.0.0/24, 'fd03::/64'", 'v1', 'up0'))
  await applyText(host, pair('10.4.0.0/24', 'w1', 'eth0'))
  await destroy(host, ['pair'])
  expect(difference(before, await picture(host))).toEqual([])
})
