import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { graphOf } from '../../../src/graph/from-topology.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { resolveOffline } from '../../../src/planner/resolve.ts'
import { loadTopology } from '../../../src/topology/load.ts'

const DIRECTORY = fileURLToPath(new URL('../../../examples/', import.meta.url))

export const EXAMPLES = readdirSync(DIRECTORY).filter(name => name.endsWith('.yaml'))

export function example(name: string): Topology {
  const text = readFileSync(join(DIRECTORY, name), 'utf8')
  return resolveOffline(loadTopology(text, `examples/${name}`, {}).topology)
}

export function topologyOf(text: string): Topology {
  return resolveOffline(loadTopology(text, 'test.yaml', {}).topology)
}

export function drawn(text: string): Graph {
  return graphOf(topologyOf(text))
}

/** Namespaces on shared segments of ten, each with a published port; every fourth may be reached by another. */
export function segments(count: number): string {
  const numbers = [...Array(count).keys()]
  const lans = [...Array(Math.ceil(count / 10)).keys()]
  return [
    'name: big',
    'uplinks: [ens5, ens6]',
    'subnets:',
    ...lans.map(i => `  lan${i}: { cidr: 10.${i}.0.0/16, bridge: br${i} }`),
    'namespaces:',
    ...numbers.map(i => `  web${i}: {}`),
    'veths:',
    ...numbers.map(i => `  - { subnet: lan${i % lans.length}, ends: [host, web${i}] }`),
    'forwards:',
    ...numbers.map(i => `  - { listen: ${6000 + i}, to: web${i}:8080 }`),
    'allow:',
    ...numbers
      .filter(i => i % 4 === 0)
      .map(i => `  - { from: web${i}, to: web${(i + 1) % count}, ports: [5432] }`),
  ].join('\n')
}

/** Routers in a ring. */
export function ring(count: number): string {
  const numbers = [...Array(count).keys()]
  const pair = (i: number) =>
    `  - ends: [{ namespace: r${i}, interface: right, address: 10.0.${i}.1/30 }, { namespace: r${(i + 1) % count}, interface: left, address: 10.0.${i}.2/30 }]`
  return [
    'name: ring',
    'namespaces:',
    ...numbers.map(i => `  r${i}: {}`),
    'veths:',
    ...numbers.map(pair),
  ].join('\n')
}
