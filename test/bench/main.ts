import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import buildWhenStale from '../real/build.ts'
import { measureControl } from './control.ts'
import { measureData } from './data.ts'
import { describeMachine } from './machine.ts'
import { compile } from './place.ts'
import type { Results, Row } from './result.ts'
import { measureStart } from './start.ts'
import { renderResults } from './table.ts'

const PARTS: Row['part'][] = [
  'create',
  'noop',
  'edit',
  'destroy',
  'start',
  'memory',
  'forwards',
  'guards',
  'reapply',
  'rate',
]

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '2,10,100' },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join(',') },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
})

const only = options.only.split(',') as Row['part'][]
const unknown = only.filter(part => !PARTS.includes(part))
if (unknown.length > 0) throw new Error(`--only ${unknown.join(',')}: there is ${PARTS.join(', ')}`)
const sizes = [...options.sizes.split(',').map(Number), ...(options.full ? [1000] : [])]

// Node 20 reads the certificates at every start, which is none of nsctl's doing.
delete process.env.NODE_EXTRA_CA_CERTS
buildWhenStale()
const directory = mkdtempSync(join(tmpdir(), 'nsctl-bench-'))
try {
  const limit = await compile('limit', directory)
  const wire = await compile('wire', directory)
  const rounds = Number(options.rounds)
  const rows: Row[] = []
  for (const size of sizes) {
    const largest = size === Math.max(...sizes)
    rows.push(
      ...(await measureControl({ size, parts: only, rounds: size >= 1000 ? 2 : rounds, limit, largest })),
    )
  }
  if (only.includes('start')) rows.push(...(await measureStart(rounds)))
  if (wire !== null) rows.push(...(await measureData(wire, { parts: only, rounds })))
  const results: Results = {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine: await describeMachine(),
    sizes,
    rows: rows.toSorted((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part)),
  }
  process.stdout.write(renderResults(results))
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
