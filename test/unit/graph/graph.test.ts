import { describe, expect, test } from 'vitest'
import { condensed } from '../../../src/graph/condensed.ts'
import { graphOf } from '../../../src/graph/from-topology.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import { formatBytes, withLive } from '../../../src/graph/live.ts'
import type { Change } from '../../../src/model/plan/plan.ts'
import { drawn, EXAMPLES, example, topologyOf } from './drawn.ts'

const edgesOf = ({ edges }: Graph, kind: string) =>
  edges.filter(edge => edge.kind === kind).map(({ from, to, labels }) => [from, to, ...labels].join(' '))
const rowsOf = ({ nodes }: Graph, id: string) =>
  nodes.find(node => node.id === id)?.rows.map(({ label, text }) => `${label} ${text}`.trim())

describe('graph of a topology', () => {
  test('the tutorial: who is joined to whom, under which addresses, and what is published', () => {
    const graph = graphOf(example('flask.yaml'))
    expect(edgesOf(graph, 'link')).toEqual(['subnet/web1 namespace/netns1', 'subnet/web2 namespace/netns2'])
    expect(edgesOf(graph, 'way-out')).toEqual(['uplink/ens5 subnet/web1', 'uplink/ens5 subnet/web2'])
    expect(edgesOf(graph, 'forward')).toEqual([
      'uplink/ens5 namespace/netns1 :6000 → 8080',
      'uplink/ens5 namespace/netns2 :6001 → 8080',
    ])
    expect(rowsOf(graph, 'subnet/web1')).toEqual(['net 192.168.0.0/24', 'veth0 192.168.0.1'])
    expect(rowsOf(graph, 'namespace/netns1')).toEqual(['veth1 192.168.0.2/24', ':6000 → 8080'])
  })

  test.each(EXAMPLES)(
    '%s: has every namespace, address and published port, and every edge has two ends',
    name => {
      const topology = example(name)
      const graph = graphOf(topology)
      const told = graph.nodes
        .flatMap(({ rows }) => rows.map(({ label, text }) => `${label} ${text}`))
        .join('\n')
      const ids = graph.nodes.map(({ id }) => id)
      expect(ids).toEqual([...new Set(ids)])
      for (const namespace of topology.namespaces) expect(ids).toContain(`namespace/${namespace.name}`)
      for (const { ends } of topology.veths)
        for (const { addresses } of ends)
          for (const address of addresses) expect(told).toContain(address.split('/')[0])
      for (const { listenPorts } of topology.forwards) expect(told).toContain(`:${listenPorts.first}`)
      for (const { from, to } of graph.edges) expect(ids).toEqual(expect.arrayContaining([from, to]))
      expect(edgesOf(graph, 'link')).toHaveLength(topology.veths.length)
    },
  )

  test('direct paths, rates, segments without the host, and ports for the host alone', () => {
    const tenants = graphOf(example('tenants.yaml'))
    expect(edgesOf(tenants, 'allow')).toEqual([
      'namespace/red-web namespace/vault tcp 8200',
      'subnet/blue namespace/vault icmp',
    ])
    expect(rowsOf(tenants, 'subnet/safe')).toContain('no way out')
    expect(rowsOf(tenants, 'subnet/red')).toContain('host services closed')
    expect(rowsOf(graphOf(example('rate.yaml')), 'namespace/guest1')).toContain('↑ 10mbit  ↓ 50mbit')
    const wire = graphOf(example('layer2.yaml'))
    expect(rowsOf(wire, 'subnet/wire')).toContain('layer 2 only: the host is not in it')
    const ends = graphOf(example('two-ends.yaml'))
    expect(edgesOf(ends, 'forward')).toEqual(['uplink/ens5 namespace/node :8000 → 80'])
    expect(rowsOf(ends, 'namespace/node')).toContain('127.0.0.1:9000 → 9000')
  })

  test('`default` needs no host: it stands for itself', () => {
    expect(graphOf(example('tenants.yaml')).nodes.map(({ id }) => id)).toContain('uplink/default')
  })

  test('condensed, lines become rows: ways out, direct paths, and further ends', () => {
    const graph = condensed(graphOf(example('two-ends.yaml')))
    expect(graph.edges.map(({ id }) => id)).toEqual(['veth/node/eth0'])
    expect(rowsOf(graph, 'namespace/node')).toContain('eth1 in control')
    expect(rowsOf(graph, 'subnet/service')).toContain('out ens5')
    const tenants = condensed(graphOf(example('tenants.yaml')))
    expect(rowsOf(tenants, 'namespace/vault')).toEqual(
      expect.arrayContaining(['from red-web  tcp 8200', 'from blue  icmp']),
    )
  })
})

describe('with the live host', () => {
  const topology = topologyOf(
    'name: web\nuplinks: [ens5]\nsubnets: { a: 10.0.0.0/24 }\nnamespaces: { one: {} }\nveths:\n  - { subnet: a, ends: [host:veth0, one] }\n',
  )
  const change = (kind: Change['kind'], scope: string, attributes: Change['after'], id = ''): Change => ({
    action: 'create',
    kind,
    id,
    scope,
    before: null,
    after: attributes,
    changed: [],
    reason: 'declared',
    source: null,
  })
  const live = (changes: Change[]) => withLive(graphOf(topology), topology, changes, () => null)
  const driftOf = ({ nodes }: Graph, id: string) => nodes.find(node => node.id === id)?.drift

  test('what differs stands where it is: in the namespace, on the subnet, the uplink, the host', () => {
    const graph = live([
      change('route', 'one', { to: '0.0.0.0/0', dev: 'eth0', via: null, table: 254, type: 'unicast' }),
      change('address', 'host', { dev: 'veth0', address: '10.0.0.1/24' }),
      change('sysctl', 'host', { key: 'net/ipv4/conf/ens5/forwarding', value: '1' }),
      change('chain', 'host', { name: 'NSCTL-web-FWD', family: 'ipv4', rules: [] }),
    ])
    expect(driftOf(graph, 'namespace/one')).toHaveLength(1)
    expect(driftOf(graph, 'subnet/a')).toEqual(['+ address 10.0.0.1/24'])
    expect(driftOf(graph, 'uplink/ens5')).toHaveLength(1)
    expect(graph.hostDrift).toEqual([expect.stringContaining('NSCTL-web-FWD')])
  })

  test('what has passed is told from the namespace’s side, whichever end counted it', () => {
    const graph = withLive(graphOf(topology), topology, [], (namespace, name) =>
      namespace === 'host' && name === 'veth0' ? { received: 1_234_567, sent: 89 } : null,
    )
    expect(rowsOf(graph, 'namespace/one')).toContain('eth0 ↑ 1.2 MB  ↓ 89 B')
  })

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_500, '1.0 MB'],
    [2 ** 60, '1153 PB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})

test('a topology of nothing but a name can be drawn', () => {
  expect(drawn('name: empty\n')).toMatchObject({ nodes: [], edges: [] })
})
