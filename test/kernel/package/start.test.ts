import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { NSCTL } from '../host/host.ts'

const work = mkdtempSync(join(tmpdir(), 'nsctl-start-'))
afterAll(() => rmSync(work, { recursive: true }))

const built = readFileSync(NSCTL, 'utf8')
const VERSION = JSON.parse(readFileSync('package.json', 'utf8')).version

/** Runs the built file with some of its text replaced. */
function run(from: string | RegExp, to: string, ...args: string[]): string {
  const file = join(work, 'nsctl.cjs')
  expect(built).toMatch(from)
  writeFileSync(file, built.replace(from, to))
  return execFileSync(process.execPath, [file, ...args], { encoding: 'utf8', stdio: 'pipe' })
}

test('V8 takes the compiled form that the build has made', () => {
  const start = 'script.runInThisContext()('
  expect(run(start, `console.log(script.cachedDataRejected) || ${start}`, '--version')).toBe(
    `false\n${VERSION}\n`,
  )
})

test('a compiled form that V8 refuses is made again', () => {
  expect(run("Buffer.from(compiled, 'base64')", "Buffer.from('of another version')", '--version')).toBe(
    `${VERSION}\n`,
  )
})

test('a stack names lines of the built file', () => {
  const { stderr } = spawnSync(
    process.execPath,
    [NSCTL, 'validate', 'no-such-file', '--log-level', 'debug'],
    {
      encoding: 'utf8',
    },
  )
  const [, line] = /at async main \(nsctl\.cjs:(\d+):/.exec(stderr.replaceAll('\\n', '\n')) ?? []
  expect(built.split('\n')[Number(line) - 1]).toContain('async function main(')
})
