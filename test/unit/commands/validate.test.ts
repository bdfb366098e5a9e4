import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Refused } from '../../../src/commands/context.ts'
import { validate } from '../../../src/commands/files/validate.ts'

const folder = mkdtempSync(join(tmpdir(), 'nsctl-validate-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const good = file('good.yaml', 'name: good\nnamespaces: { a: {} }\n')
const bad = file('bad.yaml', 'name: bad\nuplink: []\n')

async function run(files: string[], format: 'text' | 'json' | 'github' = 'text') {
  let output = ''
  const write = (text: string) => {
    output += text
  }
  const code = await validate(files, { format }, { write, env: {}, colors: false })
  return { code, output }
}

test('a valid file is counted up', async () => {
  expect(await run([good])).toEqual({
    code: 0,
    output: `${good}: valid: good, 1 namespace, 0 veth pairs, 0 forwards\n`,
  })
})

test('all files are checked, whatever is wrong with the first', async () => {
  const { code, output } = await run([bad, good])
  expect(code).toBe(65)
  expect(output).toContain('error[unknown-key]')
  expect(output).toContain(`${good}: valid`)
})

test('JSON is one document for all of them, also when nothing is wrong', async () => {
  expect(JSON.parse((await run([good], 'json')).output)).toEqual({ formatVersion: '1.0', diagnostics: [] })
  expect(JSON.parse((await run([good, bad], 'json')).output).diagnostics).toHaveLength(1)
})

test('annotations for GitHub', async () => {
  expect((await run([bad], 'github')).output).toMatch(
    /^::error file=.*bad\.yaml,line=2,col=1,title=unknown-key::/,
  )
})

test('a file that cannot be read is refused, after the others are checked', async () => {
  const missing = join(folder, 'missing.yaml')
  await expect(run([missing, good])).rejects.toThrow(Refused)
  await expect(run([missing])).rejects.toThrow('no such file')
})

test('a directory is one unit: its files are held against each other', async () => {
  const unit = join(folder, 'host')
  mkdirSync(unit)
  const declare = (name: string, namespace: string) =>
    file(`host/${name}.yaml`, `name: ${name}\nnamespaces: { ${namespace}: {} }\n`)
  declare('one', 'a')
  declare('two', 'a')
  file('host/.three.yaml', 'of an editor')
  expect(await run([unit])).toEqual({
    code: 65,
    output: expect.stringMatching(/two\.yaml:2:15: error\[duplicate-namespace\](.|\n)*one\.yaml: valid/),
  })
  declare('two', 'b')
  expect(await run([unit])).toEqual({
    code: 0,
    output: `${unit}/one.yaml: valid: one, 1 namespace, 0 veth pairs, 0 forwards\n${unit}/two.yaml: valid: two, 1 namespace, 0 veth pairs, 0 forwards\n`,
  })
})

test('a directory without a topology file is refused', async () => {
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  await expect(run([empty])).rejects.toThrow('no topology file in it')
})
