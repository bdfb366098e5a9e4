import { loadTopology } from '../../src/topology/load.ts'
import type { Random } from './random.ts'

/** A topology file as data: YAML takes JSON. */
export interface Draft {
  name: string
  uplinks: string[]
  subnets: Record<string, Options>
  namespaces: Record<string, Options>
  veths: { subnet?: string; ends: [Options, Options]; mtu?: number }[]
  forwards: Options[]
  allow: Options[]
  host: Options
}

type Options = Record<string, unknown>

/** Uplinks that a host of random topologies has; `wan` is made by its script. */
const UPLINKS = ['ens5', 'wan']

const TRIES = 200

/** A valid topology. */
export function randomTopology(random: Random): Draft {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const draft = drawn(random)
    if (isValid(draft)) return draft
  }
  throw new Error('no valid topology was drawn')
}

/** Another one that comes of it by a few edits, or now and then one that has nothing to do with it. */
export function editedTopology(random: Random, before: Draft): Draft {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const draft = random.chance(10) ? drawn(random) : structuredClone(before)
    for (let left = 1 + random.below(4); left > 0; left--) random.pick(EDITS)(random, draft)
    if (isValid(draft) && textOf(draft) !== textOf(before)) return draft
  }
  throw new Error('no valid edit was drawn')
}

export function textOf(draft: Draft): string {
  return `${JSON.stringify(draft, null, 2)}\n`
}

function isValid(draft: Draft): boolean {
  try {
    loadTopology(textOf(draft), 'random.yaml', {})
    return true
  } catch {
    return false
  }
}

function drawn(random: Random): Draft {
  const draft: Draft = {
    name: 'random',
    uplinks: random.some(UPLINKS, 70),
    ...{ subnets: {}, namespaces: {}, veths: [], forwards: [], allow: [], host: {} },
  }
  for (let left = 1 + random.below(5); left > 0; left--) addNamespace(random, draft)
  for (let left = random.below(5); left > 0; left--) addSubnet(random, draft)
  for (let left = random.below(3); left > 0; left--) addPair(random, draft)
  for (let left = random.below(5); left > 0; left--) addForward(random, draft)
  for (let left = random.below(4); left > 0; left--) addAllow(random, draft)
  if (random.chance(20)) draft.host['forward-policy'] = 'drop'
  if (random.chance(20)) addHostRoute(random, draft)
  return draft
}

type Edit = (random: Random, draft: Draft) => void

const hex = (n: number) => n.toString(16).padStart(2, '0')
const macOf = (random: Random) => `02:00:00:00:${hex(random.below(256))}:${hex(random.below(256))}`
const free = (stem: string, taken: object) => {
  for (let n = 1; ; n++) if (!(`${stem}${n}` in taken)) return `${stem}${n}`
}
const nameIn = (random: Random, draft: Draft) => random.pick(Object.keys(draft.namespaces))

const addNamespace: Edit = (random, draft) => {
  draft.namespaces[free('n', draft.namespaces)] = namespaceOptions(random)
}

function namespaceOptions(random: Random): Options {
  return {
    ...(random.chance(25)
      ? { nameservers: random.pick([['192.0.2.53'], ['192.0.2.53', '2001:db8::53']]) }
      : {}),
    ...(random.chance(15) ? { search: ['example.net'] } : {}),
    ...(random.chance(30)
      ? {
          sysctls: {
            'net.ipv4.ip_default_ttl': 33 + random.below(90),
            ...(random.chance(50) ? { 'net.ipv4.ip_forward': 1 } : {}),
          },
        }
      : {}),
    ...(random.chance(25)
      ? {
          routes: [
            {
              to: `192.0.2.${random.below(8) * 32}/27`,
              type: random.pick(['blackhole', 'unreachable']),
              metric: 7 + random.below(9),
            },
          ],
        }
      : {}),
  }
}

const addSubnet: Edit = (random, draft) => {
  const name = free('s', draft.subnets)
  const bridged = random.chance(45)
  draft.subnets[name] = { cidr: cidrOf(random), ...subnetOptions(random, draft, name, bridged) }
  const members = bridged ? random.some(Object.keys(draft.namespaces), 60) : [nameIn(random, draft)]
  for (const member of members) {
    const far = bridged || random.chance(80) ? { namespace: 'host' } : { namespace: nameIn(random, draft) }
    draft.veths.push({ subnet: name, ends: [far, endIn(random, member)], ...mtuOf(random) })
  }
}

function cidrOf(random: Random): string[] {
  const ipv4 = `10.${random.below(40)}.${random.below(4)}.0/${random.pick([24, 24, 25, 28, 30])}`
  const ipv6 = `fd${hex(random.below(40))}:${hex(random.below(256))}::/64`
  return random.pick([[ipv4], [ipv4], [ipv4, ipv6], [ipv6]])
}

function subnetOptions(random: Random, draft: Draft, name: string, bridged: boolean): Options {
  return {
    ...(bridged ? { bridge: `br-${name}` } : {}),
    ...(bridged && random.chance(15) ? { gateway: 'none' } : {}),
    ...(random.chance(25) ? { uplinks: random.some(draft.uplinks, 50) } : {}),
    ...(random.chance(20) ? { masquerade: random.chance(50) } : {}),
    ...(random.chance(20) ? { 'host-access': false } : {}),
    ...(random.chance(20) ? { mtu: random.pick([1280, 1400, 9000]) } : {}),
  }
}

function mtuOf(random: Random): { mtu?: number } {
  return random.chance(10) ? { mtu: random.pick([1300, 1450]) } : {}
}

function endIn(random: Random, namespace: string): Options {
  return {
    namespace,
    ...(random.chance(30) ? { interface: `if${random.below(30)}` } : {}),
    ...(random.chance(30) ? { mac: macOf(random) } : {}),
    ...(random.chance(20) ? { rate: random.pick(['10mbit', '100mbit', '1gbit']) } : {}),
  }
}

/** A pair without a subnet, its addresses given. */
const addPair: Edit = (random, draft) => {
  const net = `172.20.${random.below(200)}`
  const host = random.chance(40)
  draft.veths.push({
    ends: [
      { ...(host ? { namespace: 'host' } : endIn(random, nameIn(random, draft))), address: `${net}.1/30` },
      { ...endIn(random, nameIn(random, draft)), address: `${net}.2/30` },
    ],
    ...mtuOf(random),
  })
}

const addForward: Edit = (random, draft) => {
  const port = 2000 + random.below(60) * 20
  const length = random.chance(25) ? random.below(10) : 0
  const ports = (first: number) => (length === 0 ? `${first}` : `${first}-${first + length}`)
  const address = random.chance(20) ? '203.0.113.10:' : random.chance(10) ? '127.0.0.1:' : ''
  draft.forwards.push({
    listen: `${address}${ports(port)}`,
    to: `${nameIn(random, draft)}:${ports(80)}`,
    protocol: random.pick(['tcp', 'tcp', 'udp', ['tcp', 'udp'], 'sctp']),
    ...(random.chance(20) ? { uplinks: random.some(draft.uplinks, 60) } : {}),
    ...(random.chance(20) ? { sources: ['198.51.100.0/24'] } : {}),
  })
}

const addAllow: Edit = (random, draft) => {
  const places = [...Object.keys(draft.subnets), ...Object.keys(draft.namespaces)]
  draft.allow.push({
    from: random.pick([...places, 'outside']),
    to: random.pick(places),
    ...random.pick<Options>([
      {},
      { protocol: 'icmp' },
      { protocol: 'udp', ports: [53] },
      { ports: [80, '8000-8010'] },
    ]),
  })
}

const addHostRoute: Edit = (random, draft) => {
  draft.host.routes = [{ to: `198.18.${random.below(9)}.0/24`, type: 'blackhole' }]
}

/** What has come loose goes with it; what is still wrong is not valid, and drawn again. */
const dropNamespace: Edit = (random, draft) => {
  const name = nameIn(random, draft)
  delete draft.namespaces[name]
  draft.veths = draft.veths.filter(({ ends }) => !ends.some(({ namespace }) => namespace === name))
  dropLoose(draft)
}

const dropSubnet: Edit = (random, draft) => {
  const name = random.pick(Object.keys(draft.subnets))
  delete draft.subnets[name]
  draft.veths = draft.veths.filter(({ subnet }) => subnet !== name)
  dropLoose(draft)
}

const dropPair: Edit = (random, draft) => {
  draft.veths.splice(random.below(draft.veths.length), 1)
  dropLoose(draft)
}

function dropLoose(draft: Draft): void {
  const used = new Set(draft.veths.map(({ subnet }) => subnet))
  for (const name of Object.keys(draft.subnets)) if (!used.has(name)) delete draft.subnets[name]
  const known = (name: unknown) =>
    name === 'outside' || `${name}` in draft.namespaces || `${name}` in draft.subnets
  draft.allow = draft.allow.filter(({ from, to }) => known(from) && known(to))
  draft.forwards = draft.forwards.filter(({ to }) => known(`${to}`.split(':')[0]))
}

const dropOne =
  (list: 'forwards' | 'allow'): Edit =>
  (random, draft) => {
    draft[list].splice(random.below(draft[list].length), 1)
  }

const changeSubnet: Edit = (random, draft) => {
  const name = random.pick(Object.keys(draft.subnets))
  const subnet = draft.subnets[name]
  if (!subnet) return
  const bridged = 'bridge' in subnet
  const cidr = random.chance(30) ? cidrOf(random) : subnet.cidr
  draft.subnets[name] = { cidr, ...subnetOptions(random, draft, name, bridged) }
}

const changeNamespace: Edit = (random, draft) => {
  draft.namespaces[nameIn(random, draft)] = namespaceOptions(random)
}

const changeEnd: Edit = (random, draft) => {
  const pair = random.pick(draft.veths)
  const i = random.below(2)
  const end = pair?.ends[i]
  if (!pair || !end) return
  const { namespace, address } = end
  const changed: Options = { ...endIn(random, `${namespace}`), ...(address === undefined ? {} : { address }) }
  if (namespace === 'host') delete changed.rate
  pair.ends[i] = changed
}

const changeUplinks: Edit = (random, draft) => {
  draft.uplinks = random.some(UPLINKS, 60)
  for (const part of [...Object.values(draft.subnets), ...draft.forwards]) delete part.uplinks
}

const changePolicy: Edit = (_, draft) => {
  draft.host = 'forward-policy' in draft.host ? {} : { 'forward-policy': 'drop' }
}

const EDITS: Edit[] = [
  ...[addNamespace, addSubnet, addPair, addForward, addForward, addAllow, addHostRoute],
  ...[dropNamespace, dropSubnet, dropPair, dropOne('forwards'), dropOne('allow')],
  ...[changeSubnet, changeSubnet, changeNamespace, changeEnd, changeEnd, changeUplinks, changePolicy],
]
