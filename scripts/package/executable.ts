import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'postject'
import { bundle } from '../build/bundle.ts'

/** Where node looks for what was put into it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Makes one file of the program and the node that runs this: it needs nothing but the C library and the tools. */
export async function makeExecutable(output: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'nsctl-executable-'))
  try {
    const main = join(work, 'main.cjs')
    const blob = join(work, 'blob')
    const config = join(work, 'config.json')
    const { program } = await bundle()
    writeFileSync(main, program)
    const settings = { main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true }
    writeFileSync(config, JSON.stringify(settings))
    run(process.execPath, ['--experimental-sea-config', config])
    copyFileSync(process.execPath, output)
    chmodSync(output, 0o755)
    await inject(output, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: FUSE })
  } finally {
    rmSync(work, { recursive: true })
  }
}

function run(file: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')}: exit code ${status}\n${stdout}${stderr}`)
}
