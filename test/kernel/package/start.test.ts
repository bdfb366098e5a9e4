import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { NSCTL } from '../host/host.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const HEADER_BYTES = 64

const directory = mkdtempSync(join(tmpdir(), 'nsctl-start-'))
const [launcher, program, cache] = ['nsctl.cjs', 'main.cjs', 'main.cache'].map(name =>
  join(directory, name),
) as [string, string, string]
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(() => {
  rmSync(directory, { recursive: true })
  cpSync(dirname(NSCTL), directory, { recursive: true })
})

/** Says what the launcher gave to V8, and what V8 made of it. */
const SPY = `
const vm = require('node:vm')
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options)
    console.log(options.cachedData === undefined ? 'not given' : this.cachedDataRejected ? 'refused' : 'taken')
  }
}`

/** What `nsctl --version` prints, behind what became of the compiled form. */
function start(...options: string[]): string[] {
  const spy = join(directory, 'spy.cjs')
  writeFileSync(spy, SPY)
  const args = ['--require', spy, ...options, launcher, '--version']
  return execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' }).trim().split('\n')
}

/** Replaces text by other text of the same length, which is all that V8 itself would see. */
function edit(file: string, from: string, to: string): void {
  const before = readFileSync(file, 'latin1')
  expect(before).toContain(from)
  expect(to).toHaveLength(from.length)
  writeFileSync(file, before.replace(from, to), 'latin1')
}

describe('the compiled form', () => {
  test('is taken where it was made for this program and this node', () => {
    expect(start()).toEqual(['taken', version])
  })

  test('is for V8 to refuse where the flags are others', () => {
    expect(start('--max-lazy')).toEqual(['refused', version])
  })

  test.each<[string, () => void]>([
    ['absent', () => rmSync(cache)],
    ['empty', () => writeFileSync(cache, '')],
    ['cut off', () => writeFileSync(cache, readFileSync(cache).subarray(0, 100_000))],
    ['a directory', () => replaceCache('mkdir', cache)],
    ['a link to nowhere', () => replaceCache('ln', '-s', 'nowhere', cache)],
    ['a link to the launcher', () => replaceCache('ln', '-s', launcher, cache)],
    ['a named pipe that nobody writes to', () => replaceCache('mkfifo', cache)],
    ['of another V8', () => edit(cache, process.versions.v8, process.versions.v8.replace(/\d/, '0'))],
    [
      'of another architecture',
      () => edit(cache, ` ${process.arch} `, ` ${'?'.repeat(process.arch.length)} `),
    ],
    ['damaged', () => flipByte(cache, HEADER_BYTES + 500_000)],
    ['open to everybody', () => chmodSync(cache, 0o666)],
  ])('is left alone where it is %s: nsctl starts, and writes nothing', (_, spoil) => {
    spoil()
    const before = readdirSync(directory)
    expect(start()).toEqual(['not given', version])
    expect(readdirSync(directory).filter(name => name !== 'spy.cjs')).toEqual(before)
  })

  test.runIf(process.getuid?.() === 0)('is left alone where somebody else owns it', () => {
    chownSync(cache, 65534, 65534)
    expect(start()).toEqual(['not given', version])
  })

  test('may be written by a group that may write the program', () => {
    for (const file of [program, cache]) chmodSync(file, 0o664)
    expect(start()).toEqual(['taken', version])
  })
})

function replaceCache(tool: string, ...args: string[]): void {
  rmSync(cache)
  execFileSync(tool, args)
}

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  writeFileSync(file, bytes)
}

test('a program of the same length that was edited is what runs', () => {
  const other = '9'.repeat(version.length)
  edit(program, `"${version}"`, `"${other}"`)
  expect(start()).toEqual(['not given', other])
})

test('the program runs without its launcher, and from whatever it is called', () => {
  const alone = join(directory, 'alone')
  cpSync(program, alone)
  expect(execFileSync(alone, ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`)
})

test('a launcher without its program says so', () => {
  rmSync(program)
  const { status, stderr } = spawnSync(process.execPath, [launcher, '--version'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^nsctl: the program is missing beside its launcher: .*main\.cjs'\n$/),
  })
})

test.each([
  ['by its launcher', () => launcher],
  ['alone', () => program],
])('started %s, a stack names lines of main.cjs', (_, file) => {
  const args = [file(), 'validate', 'no-such-file', '--log-level', 'debug']
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const [, line] = /at async main \((?:.*\/)?main\.cjs:(\d+):/.exec(stderr.replaceAll('\\n', '\n')) ?? []
  const text = readFileSync(program, 'utf8')
  expect(text.split('\n')[Number(line) - 1]).toMatch(/await invocation\.run\(context\)/)
})

test('the program can be read: lines as a person would write them, under the names of the source', () => {
  const lines = readFileSync(program, 'utf8').split('\n')
  expect(lines).toContain('async function main() {')
  expect(lines).toContain('// src/main.ts')
  // Whole files are in it as texts, and the schema, which the generated validator has in one line.
  const code = lines.map(line => line.replace(/(["'])(?:(?!\1)[^\\])*(?:\\.(?:(?!\1)[^\\])*)*\1/g, '""'))
  expect(
    code.filter(line => line.length > 1000 && !/^ *schema\d+ = /.test(line)).map(line => line.slice(0, 200)),
  ).toEqual([])
})
