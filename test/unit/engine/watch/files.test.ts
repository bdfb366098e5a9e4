import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFiles } from '../../../../src/engine/watch/source/files.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nsctl-files-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const put = (name: string, text: string) => writeFileSync(join(directory, name), text)
const source = (name = '.', accept: string[] = []) =>
  openFiles(join(directory, name), accept, { environment: {} })

async function read(name?: string) {
  const { versions, broken, problem } = await source(name).read()
  return {
    valid: versions.map(({ topology }) => topology.name),
    broken: broken.map(one => [one.name, one.why]),
    problem,
  }
}

describe('a directory', () => {
  test('declares what its valid files say; a broken one hides none of the others', async () => {
    put('web.yaml', 'name: web\n')
    put('db.yml', 'name: db\nnamespaces: 7\nveths: 7\n')
    mkdirSync(join(directory, 'dir.yaml'))
    put('.hidden.yaml', 'name: hidden\n')
    put('notes.txt', 'name: notes\n')
    expect(await read()).toEqual({
      valid: ['web'],
      broken: [
        [null, 'is a directory, not a topology file'],
        ['db', expect.stringMatching(/^line 2: .* \(and \d+ more\)$/)],
      ],
      problem: null,
    })
  })

  test('with two files of one name declares the first of them', async () => {
    put('a.yaml', 'name: web\n')
    put('b.yaml', 'name: web\n')
    expect(await read()).toMatchObject({
      valid: ['web'],
      broken: [['web', expect.stringMatching(/^line 1: /)]],
    })
  })

  test('without a topology file is a problem: nothing is taken for removed', async () => {
    expect(await read()).toEqual({
      valid: [],
      broken: [],
      problem: `${directory}: no topology file in it (*.yaml, *.yml)`,
    })
  })

  test('becomes a file, and a file a directory, between two readings', async () => {
    const both = openFiles(join(directory, 'net.yaml'), [], { environment: {} })
    put('net.yaml', 'name: web\n')
    expect((await both.read()).versions.map(({ topology }) => topology.name)).toEqual(['web'])
    rmSync(join(directory, 'net.yaml'))
    mkdirSync(join(directory, 'net.yaml'))
    put('net.yaml/db.yaml', 'name: db\n')
    expect((await both.read()).versions.map(({ topology }) => topology.name)).toEqual(['db'])
  })
})

test('a file that is not there is broken, and its name unknown', async () => {
  expect(await read('web.yaml')).toMatchObject({ valid: [], broken: [[null, 'no such file']] })
})

test('a finding that the command line accepts is accepted in every file', async () => {
  put('web.yaml', 'name: web\n')
  const { versions } = await source('.', ['port-held:80']).read()
  expect(versions[0]?.topology.accept).toEqual(['port-held:80'])
})

test('an entry concerns a source where it may be one of its files, or switches them all', () => {
  put('web.yaml', 'name: web\n')
  const [file, all] = [source('web.yaml'), source()]
  expect(['web.yaml', '..data', 'db.yaml'].map(name => file.concerns(directory, name))).toEqual([
    true,
    true,
    false,
  ])
  expect(['web.yaml', '..data', 'notes.txt'].map(name => all.concerns(directory, name))).toEqual([
    true,
    true,
    false,
  ])
})
