import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../src/cli/definitions.ts'
import { isInstalled } from '../host/installed.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGES = ['dist/man/nsctl.1', 'dist/man/nsctl-topology.5']

beforeAll(() => {
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/man.ts'], { cwd: ROOT })
})

describe.each(PAGES)('%s', page => {
  test.skipIf(!isInstalled('man', 'groff'))('groff finds nothing to warn of', () => {
    const args = ['--warnings', '--encoding=UTF-8', '--local-file', '--ditroff', page]
    const { stdout, stderr, status } = spawnSync('man', args, { cwd: ROOT, encoding: 'utf8' })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(stdout.length).toBeGreaterThan(10_000)
  })

  test.skipIf(!isInstalled('mandoc'))('nor does mandoc', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', page], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
  })

  test('nothing of Markdown is left in it', () => {
    expect(readFileSync(`${ROOT}/${page}`, 'utf8')).not.toMatch(/\]\(|\*\*|^##|^\||`/m)
  })
})

test('every command has its part, with all its options', () => {
  const page = readFileSync(`${ROOT}/${PAGES[0]}`, 'utf8').replaceAll('\\-', '-')
  const [, ...parts] = page.split(/^\.SS \\fBnsctl /m)
  const missing = COMMANDS.filter(({ hidden }) => !hidden).flatMap(({ name, options = [] }) => {
    const [word = ''] = name.split(' ', 1)
    const part = parts.find(text => text.startsWith(word))
    return part === undefined
      ? [word]
      : options.flatMap(({ long }) => (part.includes(long ?? '') ? [] : [`${word} ${long}`]))
  })
  expect(missing).toEqual([])
})
