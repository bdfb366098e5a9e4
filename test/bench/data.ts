import type { Host } from '../kernel/host/host.ts'
import { createPlace } from './place.ts'
import { absolute, compared, type Row } from './result.ts'
import { interleaved } from './stats.ts'

const HOST = '203.0.113.10'
const OUTSIDE = '203.0.113.1'
/** Of the server in the namespace: set up, echo, swallow. */
const SERVER = 8080
const FIRST = 10_000

type Variant = 'nft' | 'legacy'

interface Wanted {
  parts: Row['part'][]
  rounds: number
}

/** What packets meet: connection set-up, established flows, re-applies, rates. */
export async function measureData(wire: string, { parts, rounds }: Wanted): Promise<Row[]> {
  const wants = (part: Row['part']) => parts.includes(part)
  const rows: Row[] = []
  if (wants('forwards')) {
    for (const variant of ['nft', 'legacy'] as const) rows.push(...(await setUp(wire, variant, rounds)))
  }
  if (wants('guards')) rows.push(...(await established(wire, rounds)))
  if (wants('reapply')) {
    for (const variant of ['nft', 'legacy'] as const) rows.push(await reapply(wire, variant))
  }
  if (wants('rate')) rows.push(...(await rate(wire)))
  return rows
}

function topology(listen: number[], { end = 'web:eth0', port = SERVER } = {}): string {
  return [
    'name: wire',
    'uplinks: [ens5]',
    'subnets: { net: 192.168.0.0/24 }',
    'namespaces: { web: {} }',
    `veths: [{ subnet: net, ends: [host:web0, ${end}] }]`,
    'forwards:',
    ...listen.map(
      (external, i) => `  - { listen: ${external}, to: web:${port + (listen.length === 3 ? i : 0)} }`,
    ),
    '',
  ].join('\n')
}

async function apply(host: Host, text: string, variant: Variant, name = 'wire'): Promise<void> {
  const path = `/run/bench/${name}.yaml`
  await host.write(path, text)
  const { exitCode, stderr } = await host.nsctl(['apply', path, '--yes', '--iptables', variant])
  if (exitCode !== 0) throw new Error(`apply: ${stderr}`)
}

async function serve(host: Host, wire: string, namespace = 'web', port = SERVER): Promise<void> {
  await host.start(wire, ['serve', String(port)], { namespace, ready: /ready/ })
}

/** The number that one run of the program prints. */
async function ask(host: Host, from: string, wire: string, what: string, ...args: (string | number)[]) {
  const { stdout } = await host.in(from, wire, [what, ...args.map(String)])
  return Number(stdout.trim())
}

const COUNTS = [1, 100, 1000, 10_000]
const CONNECTIONS = 3000

/** Each number of forwards on a host of its own, all there at once, so that they are measured in turns. */
async function setUp(wire: string, variant: Variant, rounds: number): Promise<Row[]> {
  const hosts = new Map<string, Host>()
  try {
    for (const count of COUNTS) {
      const host = await createPlace()
      hosts.set(String(count), host)
      await apply(host, topology(Array.from({ length: count }, (_, i) => FIRST + i)), variant)
      await serve(host, wire)
    }
    const measure = async (count: string) => {
      const host = hosts.get(count)
      return host ? ask(host, 'outside', wire, 'connect', HOST, FIRST + Number(count) - 1, CONNECTIONS) : null
    }
    await interleaved([...hosts.keys()], 1, measure)
    const values = await interleaved([...hosts.keys()], rounds * 10, measure)
    return COUNTS.slice(1).map(count =>
      compared(
        {
          part: 'forwards',
          label: `connection set-up, ${count} forwards, ${variant}`,
          size: count,
          unit: 'µs',
          values: { nsctl: values[String(count)] ?? null, 'one forward': values['1'] ?? null },
        },
        'nsctl',
        'one forward',
        count === 10_000 ? 1.15 : null,
      ),
    )
  } finally {
    for (const host of hosts.values()) await host.dispose()
  }
}

const ROUND_TRIPS = 10_000
const VOLUME = 1_000_000_000

/** Through everything nsctl puts in the way, through the tutorial's rules, and through none. */
async function established(wire: string, rounds: number): Promise<Row[]> {
  const hosts = { nsctl: await createPlace(), tutorial: await createPlace(), none: await createPlace() }
  try {
    await apply(hosts.nsctl, topology([FIRST, FIRST + 1, FIRST + 2]), 'nft')
    for (const host of [hosts.tutorial, hosts.none]) await byHand(host)
    await hosts.tutorial.run('iptables-nft-restore', ['--noflush'], { input: TUTORIAL_RULES })
    for (const host of Object.values(hosts)) await serve(host, wire)
    const names = ['nsctl', 'tutorial', 'none'] as const
    const to = (name: (typeof names)[number], which: number) =>
      name === 'none' ? ['192.168.0.2', SERVER + which] : [HOST, FIRST + which]
    const measures = [
      { label: 'round trip, established', unit: 'µs', what: 'echo', which: 1, amount: ROUND_TRIPS },
      { label: 'one gigabyte, established', unit: 's', what: 'stream', which: 2, amount: VOLUME },
    ] as const
    const rows: Row[] = []
    for (const { label, unit, what, which, amount } of measures) {
      const values = await interleaved(names, rounds * 2, name =>
        ask(hosts[name], 'outside', wire, what, ...to(name, which), amount),
      )
      rows.push(compared({ part: 'guards', label, size: null, unit, values }, 'nsctl', 'none', null))
    }
    return rows
  } finally {
    for (const host of Object.values(hosts)) await host.dispose()
  }
}

async function byHand(host: Host): Promise<void> {
  await host.run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1'])
  const batch = [
    'netns add web',
    'link add name web0 type veth peer name eth0 netns web',
    'addr add 192.168.0.1/24 dev web0',
    'link set dev web0 up',
  ]
  await host.run('ip', ['-batch', '-'], { input: `${batch.join('\n')}\n` })
  const inside = [
    'link set dev lo up',
    'addr add 192.168.0.2/24 dev eth0',
    'link set dev eth0 up',
    'route add default via 192.168.0.1',
  ]
  await host.run('ip', ['-n', 'web', '-batch', '-'], { input: `${inside.join('\n')}\n` })
  await host.run('ip', ['-n', 'outside', 'route', 'add', '192.168.0.0/24', 'via', HOST])
}

const TUTORIAL_RULES = `*nat
-A POSTROUTING -s 192.168.0.0/24 -o ens5 -j MASQUERADE
${[0, 1, 2].map(i => `-A PREROUTING -i ens5 -p tcp -m tcp --dport ${FIRST + i} -j DNAT --to-destination 192.168.0.2:${SERVER + i}`).join('\n')}
COMMIT
*filter
-A FORWARD -i web0 -o ens5 -j ACCEPT
-A FORWARD -i ens5 -o web0 -j ACCEPT
COMMIT
`

const SECONDS = 6

/** New connections all the while that the same rules are written again and again. */
async function reapply(wire: string, variant: Variant): Promise<Row> {
  await using host = await createPlace()
  const listen = Array.from({ length: 100 }, (_, i) => FIRST + i)
  await apply(host, topology(listen), variant)
  // One lower, so that what is published is the port that answers.
  await serve(host, wire, 'web', SERVER - 1)
  let applies = 0
  let hammering = true
  const applying = (async () => {
    for (; hammering; applies++) {
      const edited = applies % 2 === 0 ? [...listen, 30_000, 30_001] : listen
      await apply(host, topology(edited), variant)
    }
  })()
  const { stdout } = await host.in('outside', wire, ['hammer', HOST, String(FIRST), String(SECONDS)])
  hammering = false
  await applying
  const [tried = 0, failed = 0] = stdout.trim().split(' ').map(Number)
  return absolute(
    {
      part: 'reapply',
      label: `of ${tried} connections during ${applies} re-applies, ${variant}`,
      size: null,
      unit: 'failed',
      values: { nsctl: failed },
    },
    'nsctl',
    0,
  )
}

const RATE = 10e6
const LIMITED_VOLUME = 2_500_000

/** What an end may send: from inside to a server outside. */
async function rate(wire: string): Promise<Row[]> {
  await using limited = await createPlace()
  await using unlimited = await createPlace()
  const end = '{ namespace: web, interface: eth0, rate: 10mbit }'
  await apply(limited, topology([FIRST], { end }), 'nft')
  await apply(unlimited, topology([FIRST]), 'nft')
  for (const host of [limited, unlimited]) await serve(host, wire, 'outside')
  const hosts = { limited, unlimited }
  const measured = await interleaved(['limited', 'unlimited'], 3, name =>
    ask(hosts[name as keyof typeof hosts], 'web', wire, 'stream', OUTSIDE, SERVER + 2, LIMITED_VOLUME),
  )
  const values = {
    nsctl: measured.limited ?? null,
    unlimited: measured.unlimited ?? null,
    nominal: (LIMITED_VOLUME * 8) / RATE,
  }
  const row = { part: 'rate', label: '2.5 MB at rate: 10mbit', size: null, unit: 's', values } as const
  return [compared(row, 'nsctl', 'unlimited', null), compared(row, 'nsctl', 'nominal', null)]
}
