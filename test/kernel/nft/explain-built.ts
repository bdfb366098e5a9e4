import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Host } from '../host/host.ts'
import type { Explained } from './explain-flows.ts'
import { type Flow, named } from './flow.ts'

/** `explain-flows.ts` as one file that plain node runs: tsx would take longer to start than all the rest. */
export async function buildExplain(): Promise<{ path: string; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), 'nsctl-explain-'))
  const path = join(directory, 'explain-flows.cjs')
  await build({
    entryPoints: [fileURLToPath(new URL('explain-flows.ts', import.meta.url))],
    ...{
      outfile: path,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'cjs',
      external: ['koffi'],
    },
    loader: { '.css': 'text', '.browser.js': 'text' },
    define: { NSCTL_VERSION: '"0.0.0-test"', 'import.meta.dirname': '""' },
    logLevel: 'warning',
  })
  return { path, remove: () => rmSync(directory, { recursive: true }) }
}

/** What explain says of flows on a host. */
export async function explain(host: Host, flows: Flow[], explainer: string): Promise<Explained[]> {
  const { stdout } = await host.run(process.execPath, [explainer, JSON.stringify(flows.map(named))])
  return JSON.parse(stdout)
}
