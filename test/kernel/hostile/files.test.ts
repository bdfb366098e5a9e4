import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InvalidTopology } from '../../../src/model/diagnostic.ts'
import { loadTopology, nameOfTopology } from '../../../src/topology/load.ts'
import { expectPrintable, expectSound } from '../../unit/hostile/judge.ts'
import { ENVIRONMENT, HOSTILE, PLACES } from '../../unit/hostile/values.ts'
import { runBounded } from './bounded.ts'
import { WHOLE } from './documents.ts'

const VALUES = Object.entries(PLACES).flatMap(([place, { write, harmless = [] }]) =>
  HOSTILE.filter(value => !harmless.includes(value)).map(value => ({
    title: `${place}: ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`,
    text: write(value),
  })),
)
const FILES = [...VALUES, ...Object.entries(WHOLE).map(([title, text]) => ({ title, text }))]

/** What is said of it; throws where it passes for a topology. */
function refusal(text: string, env: Record<string, string> = {}, title = 'it'): InvalidTopology {
  try {
    loadTopology(text, 'hostile.yaml', env)
  } catch (error) {
    if (error instanceof InvalidTopology) return error
    throw error
  }
  throw new Error(`${title} passes for a topology`)
}

describe('a hostile file', () => {
  test('is one of very many', () => {
    expect(new Set(FILES.map(({ text }) => text)).size).toBeGreaterThan(2000)
    expect(Object.keys(WHOLE).length).toBeGreaterThan(200)
  })

  test.each(Object.keys(PLACES))('is refused for %s', place => {
    for (const { title, text } of VALUES.filter(({ title }) => title.startsWith(`${place}: `))) {
      expectSound(refusal(text, {}, title).diagnostics, text)
    }
  })

  test.each(Object.keys(WHOLE))('is refused that is %s', title => {
    const text = WHOLE[title] ?? ''
    expectSound(refusal(text).diagnostics, text)
  })

  test('is refused by destroy too, or gives a name and nothing more', () => {
    for (const { text } of FILES) {
      try {
        expect(nameOfTopology(text, 'hostile.yaml')).toMatch(/^[a-z0-9][a-z0-9-]{0,14}$/)
      } catch (error) {
        if (!(error instanceof InvalidTopology)) throw error
        expectSound(error.diagnostics, text)
      }
    }
  })

  test.each(ENVIRONMENT.map(value => [JSON.stringify(value.slice(0, 20)), value]))(
    'is not made by a variable that is %s',
    (_, value) => {
      for (const text of ['name: ${X}\n', 'name: "${X}"\n', 'name: a\nuplinks: ["${X}"]\n']) {
        expectSound(refusal(text, { X: value, Y: 'y' }).diagnostics, text)
      }
    },
  )

  test('cannot reach a prototype', () => {
    const bare = Object.getOwnPropertyNames(Object.prototype)
    for (const { text } of FILES.filter(({ title }) => /proto|constructor/.test(title))) refusal(text)
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(bare)
  })
})

describe('the built nsctl', () => {
  let directory: string
  let paths: string[]

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hostile-'))
    mkdirSync(join(directory, 'files'))
    paths = FILES.map(({ text }, i) => {
      const path = join(directory, 'files', `${i}.yaml`)
      writeFileSync(path, text)
      return path
    })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  // Every one of them in the format that others' programs read, a part of them in those for people.
  test.each([
    ['json', 1],
    ['text', 7],
    ['github', 7],
  ])('refuses them with exit code 65, as %s, within bounds of time and memory', async (format, every) => {
    const given = paths.filter((_, i) => i % every === 0)
    const result = await runBounded(['validate', '--format', format, ...given])
    expect(result).toMatchObject({ exitCode: 65, stderr: '' })
    expectPrintable(result.stdout)
    expect(new Set(result.stdout.match(/\d+\.yaml/g)).size).toBe(given.length)
  })
})
