import { graphOf } from '../../../src/graph/from-topology.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import { randomFrom } from '../../random/random.ts'
import { randomTopology, textOf } from '../../random/topology.ts'
import { drawn, EXAMPLES, example, ring, segments } from './drawn.ts'

/** Graphs worth drawing, by name: the examples, random ones, and large ones. */
export const PICTURES: [name: string, graph: Graph][] = [
  ...EXAMPLES.map((name): [string, Graph] => [name, graphOf(example(name))]),
  ...Array.from({ length: 20 }, (_, seed): [string, Graph] => [
    `random ${seed}`,
    drawn(textOf(randomTopology(randomFrom(seed + 1)))),
  ]),
  ['30 namespaces on segments', drawn(segments(30))],
  ['40 routers in a ring', drawn(ring(40))],
]

/** Names that the grammar forbids, as if it did not: nobody is to rely on it here. */
export const HOSTILE: Graph = {
  topology: '"]; click n1 "javascript:alert(1)',
  summary: '</text><script>alert(1)</script>',
  nodes: [
    'a"]',
    '<img src=x onerror=alert(1)>',
    'end',
    '\u001b[31m\u202e',
    '#quot;',
    'x\ny\\l',
    '</script>',
  ].map((name, i) => ({
    id: `namespace/${name}`,
    kind: 'namespace' as const,
    name,
    caption: name,
    rows: [{ kind: 'note' as const, label: name, text: name }],
    details: [name],
    source: { file: name, line: i, column: 1, length: 1 },
    drift: [name],
  })),
  edges: [],
  host: ['"'],
  hostDrift: ['<'],
  live: true,
}
