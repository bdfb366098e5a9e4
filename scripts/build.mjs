// One CommonJS file: the form that node starts fastest, and that needs no node_modules at run time.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from './bundle.mjs'
import { noticesOf } from './notices.mjs'

/** Between the parts of the file, and in place of what would end a comment. */
const MARK = '\n//// nsctl ////\n'
const ESCAPED = '*<>/'

const { program, metafile } = await bundle()
const wrapped = `(function (require, module, __filename) {${program}\n})`
if (/[^\0-\x7f]/.test(wrapped))
  throw new Error('the bundle is not plain ASCII: regular expressions take \\u….')
if (wrapped.includes(MARK) || wrapped.includes(ESCAPED))
  throw new Error('a mark of the build is in the bundle')
const start = `#!/usr/bin/env node\n${readFileSync('scripts/start.cjs', 'utf8')}`
// So that a stack names lines of this file.
const line = start.split('PARTS')[0].split('\n').length + 1
const values = {
  MARK: JSON.stringify(MARK),
  ESCAPED: JSON.stringify(ESCAPED),
  LINE: line,
  PARTS: ['', wrapped.replaceAll('*/', ESCAPED), compile(wrapped), ''].join(MARK),
}

mkdirSync('dist', { recursive: true })
writeFileSync('dist/LICENSES', await noticesOf(metafile))
// Renamed into place: who starts nsctl meanwhile gets the old one or the new one, never half a file.
const unfinished = `dist/nsctl.${process.pid}.cjs`
writeFileSync(
  unfinished,
  start.replace(/\b[A-Z]{4,}\b/g, name => values[name]),
)
chmodSync(unfinished, 0o755)
renameSync(unfinished, 'dist/nsctl.cjs')

/** The program as V8 has compiled it, in base64: as much as a command runs that anybody can run on any machine. */
function compile(code) {
  const work = mkdtempSync(join(tmpdir(), 'nsctl-build-'))
  try {
    const live = join(work, 'snapshot.json')
    const host = JSON.parse(readFileSync('test/cases/base-snapshot.json', 'utf8'))
    writeFileSync(live, JSON.stringify({ ...host, journals: [] }))
    const args = ['scripts/compile.cjs', line, 'plan', 'examples/flask.yaml', '--live', live]
    return execFileSync(process.execPath, args, {
      input: code,
      encoding: 'latin1',
      maxBuffer: Number.POSITIVE_INFINITY,
    })
  } finally {
    rmSync(work, { recursive: true })
  }
}
