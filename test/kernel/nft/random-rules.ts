import { chooser, createRandom } from '../explain/situations.ts'
import { parseFlow, STANDARD } from './flow.ts'
import type { RulesetCase } from './ruleset.ts'

type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'
type Family = 'inet' | 'ip' | 'ip6'

const LINKS = ['ens5', 'ens5', 'veth0', 'veth2', 'brlab', 'lo']
const SINGLE = ['6000', '6001', '7000', '7001', '8080', '8081', '9000', '9001', '22', '53']
const PORTS = [...SINGLE, '6000-7000', '8000-9000', '1-1023']
const IPV4 = [
  ...['198.51.100.7', '198.51.100.0/24', '192.168.0.0/24', '192.168.0.0/16', '192.168.1.2', '203.0.113.10'],
  '192.168.3.1-192.168.3.9',
]
const IPV6 = ['2001:db8:51::7', '2001:db8:51::/64', 'fd00:a::/64', 'fd00::/8', '2001:db8:113::10']
const ADDRESSES: Record<Family, string[]> = { inet: IPV4, ip: IPV4, ip6: IPV6 }

/**
 * What would make a flow depend on more than its first packet and the answer: neighbours that are not found, and rules
 * for the later packets of a connection.
 */
const SPARED = `
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		ct state established ct direction original accept`

/** Tables that nobody would write, of nearly all that a rule can ask and do: the same for the same seed. */
export function randomRuleset(seed: number): RulesetCase {
  const random = createRandom(seed)
  const pick = chooser(random)
  const count = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const many = <T>(least: number, most: number, make: () => T) =>
    Array.from({ length: count(least, most) }, make)
  const tables = Array.from({ length: count(1, 3) }, (_, n) =>
    table(`random${n}`, pick(['inet', 'inet', 'ip', 'ip6'])),
  )
  return {
    name: `random ${seed}`,
    text: tables.join('\n'),
    setup: '',
    afterwards: '',
    later: pick([true, false]),
    owner: null,
    flows: STANDARD.flatMap(line => {
      const parsed = parseFlow(line)
      return parsed ? [{ flow: parsed.flow, written: null }] : []
    }),
  }

  function table(name: string, family: Family): string {
    const bases = many(1, 3, () => base(family))
    const chains = ['one', 'two', 'three'].map((chain, n, all) => plain(chain, family, all.slice(n + 1)))
    return `table ${family} ${name} {\n${sets(family)}\n${chains.toReversed().join('\n')}\n${bases.map((text, n) => text.replace('NAME', `base${n}`)).join('\n')}\n}`
  }

  function sets(family: Family): string {
    return `	set addresses {
		type ${family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'}
		flags interval
		auto-merge
		elements = { ${unique(1, 3, ADDRESSES[family])} }
	}
	set ports {
		type inet_proto . inet_service
		flags interval
		elements = { ${unique(
      1,
      3,
      SINGLE.flatMap(port => [`tcp . ${port}`, `udp . ${port}`]),
    )} }
	}`
  }

  function base(family: Family): string {
    const hook = pick<Hook>([
      'prerouting',
      'input',
      'input',
      'forward',
      'forward',
      'forward',
      'output',
      'postrouting',
    ])
    const priority = pick([-350, -200, -160, -50, -1, 0, 0, 5, 60, 150])
    const rules = many(2, 6, () => rule(family, hook, ['one', 'two', 'three']))
    return `	chain NAME {
		type filter hook ${hook} priority ${priority}; policy ${pick(['accept', 'accept', 'accept', 'drop'])};${SPARED}
${rules.map(one => `\t\t${one}`).join('\n')}
	}`
  }

  function plain(name: string, family: Family, below: string[]): string {
    return `	chain ${name} {\n${many(1, 4, () => `\t\t${rule(family, null, below)}`).join('\n')}\n	}`
  }

  function rule(family: Family, hook: Hook | null, chains: string[]): string {
    const matched = pick([[transport], [transport, general], [general, general], [general], []])
    const asks = matched.includes(transport)
    // A drop of every packet leaves nothing to compare.
    const done =
      matched.length === 0
        ? harmless(chains)
        : asks || pick([true, true, false])
          ? simple(family, hook, chains)
          : byTransport(hook, chains)
    const matches = matched.map(match => match(family, hook))
    return [...matches, ...pick([[], [], ['counter'], ['counter', 'log prefix "random "']]), done].join(' ')
  }

  function led(chains: string[]): string {
    return chains.length === 0 ? 'accept' : `${pick(['jump', 'jump', 'goto'])} ${pick(chains)}`
  }

  function harmless(chains: string[]): string {
    return pick(['continue', led(chains), 'meta mark set meta mark | 0x20', 'ct mark set 0x5'])
  }

  function simple(family: Family, hook: Hook | null, chains: string[]): string {
    const reject = family === 'inet' ? ['reject', 'reject with icmpx admin-prohibited'] : ['reject']
    return pick([
      ...['accept', 'accept', 'return', 'continue', led(chains), led(chains), 'drop', 'drop'],
      ...['meta mark set 0x1', 'meta mark set meta mark | 0x20', 'meta mark set meta mark & 0xffffff00'],
      ...['ct mark set 0x5', hook === null || hook === 'postrouting' ? 'drop' : pick(reject)],
    ])
  }

  /** Statements that themselves ask for a protocol. */
  function byTransport(hook: Hook | null, chains: string[]): string {
    const side = hook === 'output' || hook === 'postrouting' ? 'oifname' : 'iifname'
    return pick([
      `tcp dport vmap { ${pick(SINGLE)} : drop, 10-20 : accept }`,
      `meta l4proto vmap { udp : ${pick(['drop', 'accept'])}, icmp : ${led(chains)} }`,
      `${side} vmap { "veth0" : ${led(chains)}, "ens5" : ${pick(['accept', 'drop', 'continue'])} }`,
      `${side} . meta l4proto vmap { "veth2" . tcp : ${led(chains)}, "ens5" . udp : drop }`,
      hook === null || hook === 'postrouting' ? 'tcp dport 9 drop' : 'meta l4proto tcp reject with tcp reset',
    ])
  }

  /** A match that asks for a protocol: one of them in a rule. */
  function transport(family: Family): string {
    const not = pick(['', '', '', '!= '])
    const ports = pick([pick(PORTS), pick(PORTS), `{ ${unique(1, 3, SINGLE)} }`])
    return pick([
      `${pick(['tcp', 'tcp', 'udp'])} dport ${not}${ports}`,
      `${pick(['tcp', 'tcp', 'udp'])} dport ${not}${ports}`,
      `tcp dport ${pick(['>', '<', '>=', '<='])} 7000 ct direction original`,
      `meta l4proto ${not}${pick(['tcp', 'udp', '{ tcp, udp }', '{ icmp, icmpv6 }'])}`,
      'meta l4proto . th dport @ports',
      `meta l4proto { tcp, udp } th dport ${ports}`,
      `meta l4proto tcp ct original proto-dst ${pick(SINGLE)}`,
      `${family === 'ip6' ? 'icmpv6' : 'icmp'} type ${pick(['echo-request', '{ echo-request, echo-reply }'])}`,
      'tcp flags & (fin | syn | rst | ack) == syn',
      'meta l4proto tcp',
    ])
  }

  function general(family: Family, hook: Hook | null): string {
    const ip = family === 'ip6' ? 'ip6' : 'ip'
    const not = pick(['', '', '', '!= '])
    const address = pick([pick(ADDRESSES[family]), pick(ADDRESSES[family]), '@addresses'])
    const link = pick([
      `"${pick(LINKS)}"`,
      `{ ${unique(
        1,
        3,
        LINKS.map(name => `"${name}"`),
      )} }`,
      '"veth*"',
    ])
    const sides =
      hook === 'forward'
        ? ['iifname', 'oifname']
        : [hook === 'output' || hook === 'postrouting' ? 'oifname' : 'iifname']
    return pick([
      `${pick(sides)} ${not}${link}`,
      `${pick(sides)} ${not}${link}`,
      `${ip} ${pick(['saddr', 'daddr'])} ${not}${address}`,
      `${ip} ${pick(['saddr', 'daddr'])} ${not}${address}`,
      `ct state ${pick(['new', 'established', 'new,untracked', '{ new, related }', 'invalid'])}`,
      `ct status ${pick(['dnat', 'snat', 'dnat,snat'])}`,
      `ct direction ${pick(['original', 'reply'])}`,
      pick(['meta mark & 0x20 == 0x20', 'meta mark 0x1', 'meta mark != 0x0', 'ct mark 0x5']),
      pick(['fib daddr type local', 'fib daddr type != local', 'fib saddr type local']),
      'meta mark & 0xff == { 0x1, 0x21 }',
    ])
  }

  function unique(least: number, most: number, from: string[]): string {
    return [...new Set(many(least, most, () => pick(from)))].join(', ')
  }
}
