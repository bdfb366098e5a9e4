import type { NamedFlow } from '../../../src/explain/endpoints.ts'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { CLIENT4, CLIENT6, HOST4, HOST6 } from '../host/addresses.ts'

/** What the sender of a packet meets: an answer, silence, or an error at once. */
export type Fate = 'answered' | 'dropped' | 'refused'

export interface Flow {
  /** As a ruleset's file writes it: `tcp outside -> host:6000`. */
  text: string
  protocol: 'tcp' | 'udp' | 'icmp'
  from: string
  address: string
  /** Null for ICMP. */
  port: number | null
  /** Sent from; null: the sender's kernel chooses. */
  source: string | null
}

/** What its author says becomes of a flow. */
export interface Written {
  fate: Fate
  /** The namespace that answers; null: not said. */
  answeredBy: string | null
  /** What the rule or policy that stops it must be named by: family, table, chain, comment. */
  stoppedAt: string[]
}

/** The topology that stands beside every ruleset. */
export const TOPOLOGY = `
name: flask
uplinks: [ens5]
subnets:
  web1: { cidr: [192.168.0.0/24, fd00:a::/64] }
  web2: { cidr: [192.168.1.0/24, fd00:b::/64] }
  lab: { cidr: [192.168.3.0/24, fd00:c::/64], bridge: brlab }
namespaces: { netns1: {}, netns2: {}, lab1: {}, lab2: {} }
veths:
  - { subnet: web1, ends: [host:veth0, netns1:veth1] }
  - { subnet: web2, ends: [host:veth2, netns2:veth3] }
  - { subnet: lab, ends: [host:lab1h, lab1:eth0] }
  - { subnet: lab, ends: [host:lab2h, lab2:eth0] }
forwards:
  - { listen: 6000, to: netns1:8080, protocol: [tcp, udp] }
  - { listen: 6001, to: netns2:8080 }
allow:
  - { from: web1, to: netns2, protocol: tcp, ports: [8081] }
`

/** Who listens where; `guest` only where a ruleset's setup makes it. */
export const SERVERS: Record<string, { tcp: number[]; udp: number[] }> = {
  host: { tcp: [22, 53, 7000, 7001], udp: [53, 7000] },
  outside: { tcp: [53, 9000, 9001], udp: [53, 9000] },
  netns1: { tcp: [8080], udp: [8080] },
  netns2: { tcp: [8080, 8081], udp: [8080] },
  lab1: { tcp: [8080], udp: [8080] },
  lab2: { tcp: [8080, 8081], udp: [8080] },
  guest: { tcp: [8080], udp: [8080] },
}

/** Names of addresses in flows. */
const ADDRESSES: Record<string, string> = {
  host: HOST4,
  host6: HOST6,
  client: CLIENT4,
  client6: CLIENT6,
  gateway1: '192.168.0.1',
  netns1: '192.168.0.2',
  'netns1-6': 'fd00:a::2',
  gateway2: '192.168.1.1',
  netns2: '192.168.1.2',
  'netns2-6': 'fd00:b::2',
  gateway3: '192.168.3.1',
  lab1: '192.168.3.2',
  'lab1-6': 'fd00:c::2',
  lab2: '192.168.3.3',
  'lab2-6': 'fd00:c::3',
}

/** Tried beside every ruleset; without one in the way this becomes of them. */
export const STANDARD = [
  'tcp outside -> host:6000 = answered by netns1',
  'tcp outside -> host:6001 = answered by netns2',
  'udp outside -> host:6000 = answered by netns1',
  'tcp outside -> host:7000 = answered by host',
  'icmp outside -> host = answered',
  'tcp netns1 -> client:9000 = answered by outside',
  'icmp netns1 -> client = answered',
  'tcp netns1 -> host:6001 = answered by netns2',
  'tcp netns1 -> netns2:8080 = dropped',
  'tcp netns1 -> netns2:8081 = answered by netns2',
  'tcp netns1 -> gateway1:7000 = answered by host',
  'tcp host -> host:6000 = answered by netns1',
  'tcp outside -> host6:6000 = answered by netns1',
  'tcp netns1 -> client6:9000 = answered by outside',
  'tcp outside -> host6:7000 = answered by host',
]

const LINE =
  /^((?:(tcp|udp) (\S+) -> (\S+):(\d+)|icmp (\S+) -> (\S+))(?: as (\S+))?)(?: = (answered|dropped|refused)(?: by (\S+))?(?: at (.+))?)?$/

/** A line of a ruleset's file; null where it is none. */
export function parseFlow(line: string): { flow: Flow; written: Written | null } | null {
  const found = LINE.exec(line)
  if (!found) return null
  const [, text = '', protocol, sender, receiver, port, pinger, pinged, as, fate, answeredBy, at = ''] = found
  const from = sender ?? pinger ?? ''
  const name = (receiver ?? pinged ?? '').replace(/^\[(.*)\]$/, '$1')
  const address = ADDRESSES[name] ?? name
  const client = from === 'outside' ? (address.includes(':') ? CLIENT6 : CLIENT4) : null
  return {
    flow: {
      text,
      protocol: (protocol ?? 'icmp') as Flow['protocol'],
      from,
      address,
      port: port === undefined ? null : Number(port),
      source: as === undefined ? client : (ADDRESSES[as] ?? as),
    },
    written:
      fate === undefined
        ? null
        : {
            fate: fate as Fate,
            answeredBy: answeredBy ?? null,
            stoppedAt: [...at.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word),
          },
  }
}

/** As explain is asked. */
export function named({ protocol, from, address, port, source }: Flow): NamedFlow {
  const host = address.includes(':') ? `[${address}]` : address
  return {
    protocol,
    from,
    to: port === null ? address : `${host}:${port}`,
    family: null,
    uplink: from === 'outside' ? OUTSIDE.uplink : null,
    source,
  }
}
