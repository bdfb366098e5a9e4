import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/cli/definitions.ts'
import { parseCommandLine } from '../src/cli/program.ts'
import { createHost, NSCTL } from './real/host.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'examples/README.md',
  'examples/gitops/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
]

const text = (name: string) => readFileSync(join(ROOT, name), 'utf8')

describe('commands in documents print what the documents say', () => {
  let directory: string | undefined
  afterEach(() => directory && rmSync(directory, { recursive: true, force: true }))

  // `npx vitest run test/docs.test.ts -u` writes what they print now into the documents.
  test.each(DOCUMENTS.filter(name => blocksOf(text(name)).length > 0))('%s', async name => {
    const host = await createHost()
    try {
      directory = workplace()
      const document = text(name)
      const blocks = blocksOf(document)
      const { exitCode } = await host.run('sh', ['-s'], {
        input: oneScript(blocks),
        env: { PATH: searchPath(directory), NO_COLOR: '1' },
        cwd: join(directory, 'work'),
        reject: false,
      })
      const outputs = readFileSync(join(directory, 'output'), 'utf8').split(SEPARATOR)
      expect(exitCode, `the script ended in:\n${blocks[outputs.length - 1]}after:\n${outputs.at(-1)}`).toBe(0)
      await expect(withOutputs(document, outputs)).toMatchFileSnapshot(join(ROOT, name))
    } finally {
      await host.dispose()
    }
  })
})

/** A shell block whose first line says that it is for a sandbox, and the block of its output, if that follows. */
const BLOCK = /```sh\n# in a sandbox\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```\n)?/g
const SEPARATOR = '\u001e\n'

function blocksOf(document: string): string[] {
  return [...document.matchAll(BLOCK)].map(([, commands = '']) => commands)
}

/**
 * One shell for all of them, as for a reader: what one block starts or sets is there in the next. Its output goes to a
 * file, because a pipe would stay open as long as what it has started.
 */
function oneScript(blocks: string[]): string {
  return ['exec > ../output 2>&1', 'set -e', ...blocks.map(block => `${block}printf '\\036\\n'`)].join('\n')
}

function withOutputs(document: string, outputs: string[]): string {
  let index = 0
  return document.replace(BLOCK, (whole, commands: string, shown?: string) => {
    const output = (outputs[index++] ?? '').replace(/[ \t]+$/gm, '')
    if (shown === undefined || masked(shown) === masked(output)) return whole
    return `\`\`\`sh\n# in a sandbox\n${commands}\`\`\`\n\n\`\`\`text\n${output}\`\`\`\n`
  })
}

/** What no two runs have in common; how wide a column is follows from the ages in it. */
function masked(output: string): string {
  const plain = output
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\(pid \d+\)/g, '(pid N)')
    .replace(/\d+ (s|min|h|d) ago/g, 'TIME ago')
  return plain.includes('TIME ago') ? plain.replace(/ {2,}/g, '  ') : plain
}

/** An empty directory to work in, the examples beside it, and `nsctl` on the path. */
function workplace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nsctl-docs-'))
  mkdirSync(join(directory, 'work'))
  mkdirSync(join(directory, 'bin'))
  symlinkSync(NSCTL, join(directory, 'bin/nsctl'))
  symlinkSync(join(ROOT, 'examples'), join(directory, 'work/examples'))
  return directory
}

function searchPath(directory: string): string {
  return [join(directory, 'bin'), dirname(process.execPath), '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(
    delimiter,
  )
}

test.each(DOCUMENTS)('%s: every relative link leads somewhere', name => {
  const broken = linksOf(text(name)).filter(link => !leadsSomewhere(name, link))
  expect(broken).toEqual([])
})

function linksOf(document: string): string[] {
  return [...withoutCode(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter(link => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#', 2)
  const target = path === '' ? join(ROOT, from) : resolve(ROOT, dirname(from), path)
  if (relative(ROOT, target).startsWith('..') || !statSync(target, { throwIfNoEntry: false })) return false
  return anchor === undefined || headingsOf(readFileSync(target, 'utf8')).includes(anchor)
}

/** As GitHub makes anchors of headings. */
function headingsOf(document: string): string[] {
  return [...withoutCode(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(document: string): string {
  return document.replace(/^```[\s\S]*?^```/gm, '')
}

describe('docs/reference/commands.md', () => {
  const sections = new Map(
    text('docs/reference/commands.md')
      .split(/^## /m)
      .map(section => [/^`nsctl ([a-z-]+)/.exec(section)?.[1] ?? 'nsctl', section]),
  )
  const visible = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name.split(' ', 1)[0] ?? '')

  test('has a section for each command, and for nothing else', () => {
    const named = [...sections.keys()].filter(name => name !== 'nsctl')
    expect(named.toSorted()).toEqual(visible.toSorted())
    expect(commandsIn(helpOf([])).filter(name => name !== 'help')).toEqual(visible)
  })

  test.each(visible)('%s: names every option', name => {
    const missing = optionsIn(helpOf([name])).filter(option => !sections.get(name)?.includes(`\`${option}`))
    expect(missing).toEqual([])
  })

  test('names every option of nsctl itself', () => {
    const whole = text('docs/reference/commands.md')
    expect(optionsIn(helpOf([])).filter(option => !whole.includes(option))).toEqual([])
  })
})

describe('what lists all of something', () => {
  test('README.md: every command', () => {
    const table = /^\| command \| does \|\n([\s\S]*?)\n\n/m.exec(text('README.md'))?.[1] ?? ''
    const listed = [...table.matchAll(/`nsctl ([a-z-]+)/g)].map(([, name]) => name)
    const missing = COMMANDS.filter(({ hidden }) => !hidden)
      .map(({ name }) => name.split(' ', 1)[0])
      .filter(name => !listed.includes(name))
    expect(missing).toEqual([])
  })

  test('docs/index.md: every page, but single decisions', () => {
    const linked = linksOf(text('docs/index.md')).map(link => join('docs', link))
    const pages = DOCUMENTS.filter(name => name.startsWith('docs/') && !name.startsWith('docs/decisions/'))
    expect(pages.filter(name => name !== 'docs/index.md' && !linked.includes(name))).toEqual([])
  })

  test('docs/architecture.md: every decision', () => {
    const linked = linksOf(text('docs/architecture.md')).map(link => join('docs', link))
    const decisions = DOCUMENTS.filter(name => name.startsWith('docs/decisions/'))
    expect(decisions.filter(name => !linked.includes(name))).toEqual([])
  })

  test('docs/install.md: the files that packaging makes are called as they are there', () => {
    const { version } = JSON.parse(text('package.json'))
    const named = [...text('docs/install.md').matchAll(/nsctl[-_](\d+\.\d+\.\d+)/g)].map(([, found]) => found)
    expect(new Set(named)).toEqual(new Set([version]))
  })
})

function helpOf(command: string[]): string {
  const invocation = parseCommandLine([...command, '--help'], '0.0.0')
  return invocation.kind === 'print' ? invocation.stdout : ''
}

/** Below all headings, in front of the examples. */
function commandsIn(help: string): string[] {
  const [list = ''] = help.split('\nA first own topology', 1)
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name)
}

/** Every command has `--help`: that is said once. */
function optionsIn(help: string): string[] {
  return [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)]
    .map(([, option = '']) => option)
    .filter(option => option !== '--help')
}
