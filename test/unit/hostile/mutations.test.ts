import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { argumentsOf } from '../../../src/model/command/batch.ts'
import type { Command } from '../../../src/model/command/command.ts'
import { restoreLine } from '../../../src/model/command/iptables.ts'
import { InvalidTopology } from '../../../src/model/diagnostic.ts'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'
import type { Plan } from '../../../src/model/plan/plan.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { planDestroy, planTopology } from '../../../src/planner/plan.ts'
import { renderCommands } from '../../../src/render/plan/commands.ts'
import { renderPlanJson } from '../../../src/render/plan/json.ts'
import { renderPlan } from '../../../src/render/plan/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { snapshotOf } from '../../cases/snapshots.ts'
import { expectPrintable, expectSound } from './judge.ts'
import { HOSTILE } from './values.ts'

/** HOSTILE_SEED=… HOSTILE_RUNS=… replays, or goes on for longer; a failure prints the seed and the path to it. */
const SEED = Number(process.env.HOSTILE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = Number(process.env.HOSTILE_RUNS ?? 600)

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const textsIn = (directory: string, file: (name: string) => string) =>
  readdirSync(`${ROOT}${directory}`, { withFileTypes: true }).flatMap(entry => {
    const path = `${ROOT}${directory}/${file(entry.name)}`
    return /\.yaml$/.test(path) && (entry.isDirectory() || entry.name.endsWith('.yaml'))
      ? [readFileSync(path, 'utf8')]
      : []
  })
/** Every topology that the tests know to be right, as what YAML makes of it. */
const VALID = [
  ...textsIn('examples', name => name),
  ...textsIn('test/cases', name => `${name}/topology.yaml`),
]
  .map(text => parse(text) as Tree)
  .filter(tree => tree !== null)

const SNAPSHOTS: Snapshot[] = [
  '.',
  'up-to-date-with-everything',
  'destroy-adopted',
  'port-held-by-docker',
].map(snapshotOf)

type Tree = null | string | number | boolean | Tree[] | { [key: string]: Tree }

/** The places in a tree, as paths. */
function paths(tree: Tree, at: (string | number)[] = []): (string | number)[][] {
  if (tree === null || typeof tree !== 'object') return [at]
  const entries = Array.isArray(tree) ? tree.map((item, i) => [i, item] as const) : Object.entries(tree)
  return [at, ...entries.flatMap(([key, item]) => paths(item, [...at, key]))]
}

const lookUp = (tree: Tree, path: (string | number)[]): Tree =>
  path.reduce<Tree>((node, key) => (node as Record<string, Tree>)[key] ?? null, tree)

type Mutation = { kind: string; where: number; other: number; value: Tree }

const values: fc.Arbitrary<Tree> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.constantFrom<Tree>(null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, 65536, [], {}, [[]], { a: 1 }, ''),
  fc.constantFrom(
    'host',
    'outside',
    'default',
    'lo',
    'none',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/8',
    '127.0.0.1',
    '::1',
    '1-65535',
    'a:1-65535',
    '${HOME}',
    '${X:-$(id)}',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
)

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('replace', 'replace', 'delete', 'copy', 'rename', 'wrap', 'splice', 'double', 'swap'),
  where: fc.nat(),
  other: fc.nat(),
  value: values,
})

/** Changes a tree in place where it can be; what a mutation makes no sense for stays. */
function mutate(tree: Tree, { kind, where, other, value }: Mutation): void {
  const all = paths(tree).filter(path => path.length > 0)
  const path = all[where % Math.max(1, all.length)]
  const from = all[other % Math.max(1, all.length)]
  if (!path || !from) return
  const parent = lookUp(tree, path.slice(0, -1)) as Record<string, Tree>
  const key = path.at(-1) as string
  const old = parent[key] ?? null
  switch (kind) {
    case 'delete':
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else delete parent[key]
      return
    case 'copy':
      parent[key] = structuredClone(lookUp(tree, from))
      return
    case 'rename':
      if (Array.isArray(parent) || typeof value !== 'string') return
      delete parent[key]
      Object.defineProperty(parent, value, {
        value: old,
        enumerable: true,
        configurable: true,
        writable: true,
      })
      return
    case 'wrap':
      parent[key] = other % 2 === 0 ? [old] : { [key]: old }
      return
    case 'splice':
      if (typeof old !== 'string' || typeof value !== 'string') return
      parent[key] = old.slice(0, other % (old.length + 1)) + value + old.slice(other % (old.length + 1))
      return
    case 'double':
      if (Array.isArray(parent)) parent.push(structuredClone(old))
      else parent[`${key}2`] = structuredClone(old)
      return
    case 'swap': {
      const elsewhere = lookUp(tree, from.slice(0, -1)) as Record<string, Tree>
      const there = structuredClone(lookUp(tree, from))
      elsewhere[from.at(-1) as string] = structuredClone(old)
      parent[key] = there
      return
    }
    default:
      parent[key] = value
  }
}

/** Whether nothing of a command could be taken for an option, for another word or for another line. */
function expectSafe(command: Command): void {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
  const word = /^[A-Za-z0-9._:/@%+=,-]*$/
  switch (command.tool) {
    case 'ip':
    case 'tc':
      expect(command.namespace).toMatch(name)
      for (const arg of argumentsOf(command)) expect(arg).toMatch(word)
      for (const arg of argumentsOf(command)) expect(arg).not.toMatch(/^-/)
      return
    case 'iptables-restore':
      expect(command.table).toMatch(/^(raw|mangle|nat|filter)$/)
      for (const line of command.lines)
        expect(restoreLine(line)).toMatch(
          /^(:[A-Z][A-Za-z0-9-]* (-|DROP|ACCEPT) \[0:0\]|-[AIDX] [A-Za-z0-9-]+( [A-Za-z0-9._:/@%+=,"![\]-]+)*)$/,
        )
      return
    case 'sysctl':
      expect(command.namespace).toMatch(name)
      expect(command.key).toMatch(/^net(\/[A-Za-z0-9_.-]+)+$/)
      expect(command.key).not.toMatch(/(^|\/)\.\.?(\/|$)/)
      expect(command.value).toMatch(/^[\x20-\x7e]*$/)
      return
    case 'conntrack':
      for (const [option, value] of Object.entries(command.match)) {
        expect(option).toMatch(/^[a-z-]+$/)
        expect(value).toMatch(word)
      }
      return
    case 'write':
      expect(command.path).toMatch(/^\/etc\/netns\/[A-Za-z0-9][A-Za-z0-9._-]*\/resolv\.conf$/)
      expect(command.content).toMatch(/^# nsctl:[a-z0-9-]+\n((nameserver|search) [A-Za-z0-9.:_ -]+\n)*$/)
      return
    case 'nft':
      // Of a table that iptables cannot print: there is none here.
      throw new Error('nothing is deleted by nft')
    case 'mkdir':
    case 'rmdir':
    case 'unlink':
      expect(command.path).toMatch(/^\/etc\/netns(\/[A-Za-z0-9][A-Za-z0-9._-]*(\/resolv\.conf)?)?$/)
      return
    default:
      expect(command.scope).toMatch(name)
      expect(command.key).toMatch(/^[A-Za-z0-9._:/-]+$/)
  }
}

function expectHarmless(plan: Plan): void {
  for (const { commands } of plan.steps) for (const command of commands) expectSafe(command)
  for (const text of [
    renderPlan(plan, pc.createColors(false)),
    renderPlanJson({ made: plan, flows: null }),
    renderCommands(plan),
  ]) {
    expectPrintable(text)
  }
}

describe(`mutations of valid topologies, HOSTILE_SEED=${SEED}`, () => {
  let valid = 0
  let invalid = 0

  test('each is refused at a place in the file, or makes plans of nothing but safe commands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VALID),
        fc.array(mutation, { minLength: 0, maxLength: 4 }),
        fc.boolean(),
        (original, mutations, asJson) => {
          const tree = structuredClone(original)
          for (const one of mutations) mutate(tree, one)
          const text = asJson ? JSON.stringify(tree, null, 1) : stringify(tree)
          let topology: Topology
          try {
            topology = loadTopology(text, 'mutated.yaml', { HOME: '/root' }).topology
          } catch (error) {
            if (!(error instanceof InvalidTopology)) throw error
            expectSound(error.diagnostics, text)
            invalid++
            return
          }
          valid++
          for (const snapshot of SNAPSHOTS) {
            expectHarmless(planTopology(topology, snapshot))
            expectHarmless(planDestroy(topology.name, snapshot))
          }
        },
      ),
      { seed: SEED, numRuns: RUNS },
    )
    // Neither may be what hardly ever happens.
    expect(valid).toBeGreaterThan(RUNS / 20)
    expect(invalid).toBeGreaterThan(RUNS / 10)
  })
})
