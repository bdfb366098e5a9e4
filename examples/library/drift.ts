// Tells whether a host is still as a file declares it, and changes nothing. Exit code 2: it is not.
//
//   sudo node drift.js flask.yaml
import { readFileSync } from 'node:fs'
import { loadTopology, plan, readHost } from 'nsctl'

const [file = ''] = process.argv.slice(2)
const loaded = loadTopology(readFileSync(file, 'utf8'), { file, environment: process.env })
if (loaded.kind === 'invalid') {
  for (const { source, summary } of loaded.diagnostics) console.error(`${file}:${source.line}: ${summary}`)
  process.exit(1)
}
const { topology } = loaded
const { changes } = plan(topology, await readHost({ topology }))
for (const { action, id, changed, source } of changes)
  console.log(`${action} ${id} ${changed.join(' ')} (line ${source?.line ?? '-'})`)
process.exitCode = changes.length === 0 ? 0 : 2
