import { describe, expect, test } from 'vitest'
import type { AppliedTopology } from '../../../src/explain/applied.ts'
import type { Flow, Verdict } from '../../../src/explain/judgement.ts'
import { remedyOf } from '../../../src/explain/remedy.ts'
import type { Hop } from '../../../src/explain/world.ts'
import type { PublishedPort } from '../../../src/model/plan/status.ts'
import { resolveTopology } from '../../../src/planner/resolve.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const port = (first: number, namespace: string, address: string, missing?: true): PublishedPort => ({
  ...{ protocol: 'tcp', listen: null, family: 'ipv4', first, last: first, listener: null },
  target: { namespace, address, port: 8080 },
  ...(missing ? { missing } : {}),
})

function applied(name: string, subnet: string, ports: PublishedPort[], uplinks = '[ens5]'): AppliedTopology {
  const text = `
name: ${name}
uplinks: ${uplinks}
subnets: { ${name}a: 10.${subnet}.0.0/24, ${name}b: { cidr: 10.${subnet}.1.0/24, host-access: false } }
namespaces: { ${name}1: {}, ${name}2: {} }
veths:
  - { subnet: ${name}a, ends: [host, ${name}1] }
  - { subnet: ${name}b, ends: [host, ${name}2] }
`
  const topology = resolveTopology(loadTopology(text, `${name}.yaml`, {}).topology, snapshotOf('fresh-host'))
  return { name, file: `${name}.yaml`, ports, topology }
}

const WEB = applied('web', '1', [port(8000, 'web1', '10.1.0.2', true), port(8001, 'web2', '10.1.1.2')])
const LAB = applied('lab', '2', [port(9000, 'lab1', '10.2.0.2')])
const KNOWN = [WEB, LAB]

interface Asked {
  from?: string
  input?: string
  to: string
  protocol?: Flow['protocol']
  verdict: Partial<Extract<Verdict, { kind: 'failed' }>>
  request?: Partial<Hop>[]
  known?: AppliedTopology[]
}

function remedy({ from = 'host', input, to, protocol = 'tcp', verdict, request = [], known = KNOWN }: Asked) {
  const [destination = '', number] = to.split(':')
  const flow: Flow = {
    ...{ protocol, family: 'ipv4', source: null, destination, port: number ? Number(number) : null },
    from: { place: from, input: input ?? null },
  }
  const failed = {
    ...{ kind: 'failed', why: 'dropped', place: 'host', detail: '', chain: null, owner: null, source: null },
    ...{ direction: 'request', ...verdict },
  } as Verdict
  const hops = request.map(
    hop => ({ place: 'host', where: '', what: '', rule: null, effect: '', ...hop }) as Hop,
  )
  return remedyOf({ flow, verdict: failed, request: hops }, known)
}

const guard = { owner: 'nsctl:web', chain: 'NSCTL-web-GRD' }
const outside = { input: 'ens5' }

describe('a forward that was applied', () => {
  test('and whose rule is gone is to be applied again: no service is to be started', () => {
    const unheard = {
      why: 'no-listener',
      detail: 'nothing listens on tcp 203.0.113.10:8000 in host',
    } as const
    expect(remedy({ ...outside, to: '203.0.113.10:8000', verdict: unheard })).toEqual([
      'the forward 8000 -> web1:8080 of web is applied but its rule is missing: nsctl apply web.yaml',
    ])
  })

  test('is told of, too, where a firewall drops what it should have taken', () => {
    const verdict = { owner: 'ufw', detail: 'dropped by filter ufw-user-input rule 1' }
    expect(remedy({ ...outside, to: '203.0.113.10:8000', verdict })).toEqual([
      expect.stringContaining('its rule is missing'),
      expect.stringContaining('ufw allow'),
    ])
    expect(remedy({ ...outside, to: '203.0.113.10:8001', verdict })).toEqual([
      expect.stringContaining('ufw allow'),
    ])
  })

  test('and does not take the packet is named with what decides', () => {
    expect(remedy({ ...outside, to: '203.0.113.10:8001', verdict: { why: 'no-listener' } })[0]).toMatch(
      /^the forward 8001 -> web2:8080 of web is applied but does not take this packet: .* web\.yaml/,
    )
  })

  test('has nothing to do with a packet that it has taken, nor with the answer', () => {
    const request = [{ effect: 'destination becomes 10.1.0.2:8080' }]
    const verdict = {
      why: 'no-listener',
      place: 'web1',
      detail: 'nothing listens on tcp 10.1.0.2:8080 in web1',
    } as const
    expect(remedy({ ...outside, to: '203.0.113.10:8000', verdict, request })).toEqual([
      'start the service on port 8080 in web1; what listens: nsctl exec web1 -- ss -lntp',
    ])
  })
})

describe('a path that a topology closes', () => {
  test('is opened within one topology, by a line that can be pasted', () => {
    expect(remedy({ from: 'web1', to: '10.1.1.2:5432', verdict: guard })).toEqual([
      'in web.yaml: allow: [{ from: web1, to: web2, protocol: tcp, ports: [5432] }]; then nsctl apply web.yaml',
    ])
    expect(remedy({ from: 'web1', to: '10.1.1.2', protocol: 'icmp', verdict: guard })).toEqual([
      'in web.yaml: allow: [{ from: web1, to: web2, protocol: icmp }]; then nsctl apply web.yaml',
    ])
  })

  test('across topologies is never opened by allow: a published port leads there', () => {
    expect(remedy({ from: 'web1', to: '10.2.0.2:8080', verdict: guard })).toEqual([
      'use its published port: nsctl explain tcp web1 host:9000; paths between topologies cannot be opened',
    ])
    const [unpublished] = remedy({ from: 'web1', to: '10.2.0.2:22', verdict: guard })
    expect(unpublished).toContain('publish it in lab.yaml: forwards: [{ listen: 22, to: lab1:22 }]')
    expect(remedy({ from: 'web1', to: '10.2.0.2', protocol: 'icmp', verdict: guard })).toEqual([
      'paths between topologies cannot be opened',
    ])
  })

  test('to the outside is a matter of uplinks', () => {
    const [named] = remedy({ from: 'web1', to: '192.0.2.1:80', verdict: guard })
    expect(named).toBe('in web.yaml: uplinks: [ens5] for the subnet weba; then nsctl apply web.yaml')
    const none = applied('web', '1', [], '[]')
    expect(remedy({ from: 'web1', to: '192.0.2.1:80', verdict: guard, known: [none] })[0]).toContain(
      'uplinks: [default]',
    )
  })

  test('to itself is none', () => {
    expect(remedy({ from: 'web1', to: '10.1.0.2:80', verdict: guard }).join()).not.toContain('allow')
  })

  test('from outside is published, or opened', () => {
    expect(remedy({ ...outside, to: '10.1.0.2:80', verdict: guard })).toEqual([
      'in web.yaml: forwards: [{ listen: 80, to: web1:80 }], or allow: [{ from: outside, to: web1, protocol: tcp, ports: [80] }]; then nsctl apply web.yaml',
    ])
    expect(remedy({ ...outside, to: '10.1.0.2', protocol: 'icmp', verdict: guard })[0]).not.toContain(
      'forwards',
    )
  })

  test('of which no file is known is not guessed at', () => {
    const unknown = KNOWN.map(one => ({ ...one, topology: null }))
    for (const to of ['10.1.1.2:5432', '10.2.0.2:22', '192.0.2.1:80'])
      expect(remedy({ from: 'web1', to, verdict: guard, known: unknown }).join()).not.toMatch(
        /allow:|forwards:/,
      )
  })

  test('to the host by host-access names the subnet', () => {
    const verdict = { owner: 'nsctl:web', chain: 'NSCTL-web-INP' }
    expect(remedy({ from: 'web2', to: '10.1.1.1:22', verdict })).toEqual([
      'the subnet webb says host-access: false in web.yaml; publish the service, or open it',
    ])
  })
})

describe('commands', () => {
  test.each<[string, Asked, string]>([
    [
      'Docker',
      {
        ...outside,
        to: '203.0.113.10:7000',
        verdict: { owner: 'Docker' },
        request: [{ effect: 'destination becomes 10.9.0.2:80' }],
      },
      'iptables -I DOCKER-USER -p tcp -d 10.9.0.2 --dport 80 -j ACCEPT',
    ],
    [
      'ufw',
      { ...outside, to: '203.0.113.10:7000', verdict: { owner: 'ufw' } },
      'ufw allow proto tcp from any to 203.0.113.10 port 7000',
    ],
    [
      'ufw, forwarded',
      {
        ...outside,
        to: '10.9.0.2:80',
        verdict: { owner: 'ufw' },
        request: [{ where: 'route', effect: 'dev br0' }],
      },
      'ufw route allow proto tcp from any to 10.9.0.2 port 80',
    ],
    [
      'a link of others',
      { to: '10.9.0.2:80', verdict: { why: 'link-down', detail: 'br0 is down' } },
      'ip link set br0 up',
    ],
    [
      'a link inside',
      { to: '10.9.0.2:80', verdict: { why: 'link-down', detail: 'eth0 is down', place: 'box' } },
      'ip -n box link set eth0 up',
    ],
    [
      'a link of ours',
      { to: '10.1.0.2:80', verdict: { why: 'link-down', detail: 'web1-eth0 is down' } },
      'nsctl apply web.yaml',
    ],
    [
      'rp_filter',
      { ...outside, to: '10.1.0.2:80', verdict: { why: 'rp-filter' } },
      'sysctl -w net/ipv4/conf/ens5/rp_filter=2',
    ],
    [
      'ignored pings',
      { to: '10.1.0.2', protocol: 'icmp', verdict: { why: 'ignored', place: 'web1' } },
      'nsctl exec web1 -- sysctl -w net.ipv4.icmp_echo_ignore_all=0',
    ],
    [
      'a default route of ours',
      { to: '10.1.0.2:80', verdict: { why: 'no-route', place: 'web1', direction: 'reply' } },
      'nsctl apply web.yaml',
    ],
  ])('of %s have the values in them', (_, asked, command) => {
    const [line] = remedy(asked)
    expect(line).toContain(command)
    expect(line).not.toMatch(/\b(PORT|COMMAND|NAMESPACE|NAME|IF|FILE)\b/)
  })
})
