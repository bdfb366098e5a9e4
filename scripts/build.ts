// dist: the program in one readable file, what starts it, and what V8 has compiled of it. See decision 0059.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from './build/bundle.ts'
import { noticesOf } from './build/notices.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const { program, metafile } = await bundle()
mkdirSync('dist', { recursive: true })
put('dist/LICENSES', await noticesOf(metafile))
put('dist/main.cjs', asFunction(program), 0o755)
put('dist/main.cache', compiled('dist/main.cjs'))
put('dist/nsctl.cjs', readFileSync('scripts/build/launcher.cjs'), 0o755)

/** Renamed into place: who starts nsctl meanwhile gets the old one or the new one, never half a file. */
function put(path: string, content: string | Buffer, mode = 0o644): void {
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, content)
  chmodSync(unfinished, mode)
  renameSync(unfinished, path)
}

/** One function and its call, so that the launcher can take the function alone. */
function asFunction(code: string): string {
  return `#!/usr/bin/env node
// nsctl ${version}, as esbuild has put it together. nsctl.cjs starts it faster; it also runs by itself.
(function (require, module, __filename) {
${code}
})(require, module, __filename)
`
}

/** What V8 compiles of the program for a plan: as much of a command as can run on any machine. */
function compiled(file: string): Buffer {
  const work = mkdtempSync(join(tmpdir(), 'nsctl-build-'))
  try {
    const [cache, live] = [join(work, 'cache'), join(work, 'snapshot.json')]
    const host = JSON.parse(readFileSync('test/cases/base-snapshot.json', 'utf8'))
    writeFileSync(live, JSON.stringify({ ...host, journals: [] }))
    const command = ['plan', 'examples/flask.yaml', '--live', live]
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build/compile.ts', file, cache, ...command])
    return readFileSync(cache)
  } finally {
    rmSync(work, { recursive: true })
  }
}
