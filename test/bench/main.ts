import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import buildWhenStale from '../kernel/build.ts'
import { measureControl } from './control.ts'
import { measureData } from './data.ts'
import { plotOf, renderDocs } from './docs.ts'
import { measureGrowth } from './growth.ts'
import { describeMachine } from './machine.ts'
import { installPeers, presentPeers } from './peers.ts'
import { compile } from './place.ts'
import type { Results, Row } from './result.ts'
import { measureStart } from './start.ts'
import { renderResults } from './table.ts'

const PARTS: Row['part'][] = [
  'create',
  'noop',
  'edit',
  'destroy',
  'growth',
  'start',
  'memory',
  'forwards',
  'guards',
  'reapply',
  'rate',
]

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '2,10,100' },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join(',') },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    /** Results of an earlier run, instead of measuring. */
    from: { type: 'string' },
    docs: { type: 'boolean', default: false },
    /** Installs the peers that are missing; without it those are left out. */
    peers: { type: 'boolean', default: false },
  },
})

const only = options.only.split(',') as Row['part'][]
const unknown = only.filter(part => !PARTS.includes(part))
if (unknown.length > 0) throw new Error(`--only ${unknown.join(',')}: there is ${PARTS.join(', ')}`)
const sizes = [...options.sizes.split(',').map(Number), ...(options.full ? [1000] : [])]

const results: Results =
  options.from === undefined ? await measure() : JSON.parse(readFileSync(options.from, 'utf8'))
process.stdout.write(renderResults(results))
if (options.docs) {
  writeFileSync(join(DOCS, 'performance.md'), renderDocs(results))
  writeFileSync(join(DOCS, 'performance.svg'), plotOf(results))
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)

async function measure(): Promise<Results> {
  // Node 20 reads the certificates at every start, which is none of nsctl's doing.
  delete process.env.NODE_EXTRA_CA_CERTS
  buildWhenStale()
  if (options.peers) await installPeers()
  const directory = mkdtempSync(join(tmpdir(), 'nsctl-bench-'))
  try {
    const rows = await measureAll(directory, Number(options.rounds))
    return {
      measuredAt: new Date().toISOString().slice(0, 10),
      machine: await describeMachine(),
      sizes,
      rows: rows.toSorted((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part)),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measureAll(directory: string, rounds: number): Promise<Row[]> {
  const limit = await compile('limit', directory)
  const wire = await compile('wire', directory)
  const peers = only.includes('create') ? presentPeers() : []
  const rows: Row[] = []
  for (const size of sizes) {
    const largest = size === Math.max(...sizes)
    const fewer = size >= 1000 ? Math.min(rounds, 2) : rounds
    console.error(`${size} namespaces`)
    rows.push(...(await measureControl({ size, parts: only, rounds: fewer, limit, largest, peers })))
  }
  if (options.full && only.includes('growth')) rows.push(...(await measureGrowth(limit)))
  if (only.includes('start')) rows.push(...(await measureStart(rounds)))
  if (wire !== null) {
    console.error('packets')
    rows.push(...(await measureData(wire, { parts: only, rounds })))
  }
  return rows
}
