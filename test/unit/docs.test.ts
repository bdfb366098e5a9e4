import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/definitions.ts'
import { parseCommandLine } from '../../src/cli/program.ts'
import { DOCUMENTS, ROOT, textOf } from '../documents.ts'

test.each(DOCUMENTS)('%s: every relative link leads somewhere', name => {
  const broken = linksOf(textOf(name)).filter(link => !leadsSomewhere(name, link))
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
    textOf('docs/reference/commands.md')
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
    const whole = textOf('docs/reference/commands.md')
    expect(optionsIn(helpOf([])).filter(option => !whole.includes(option))).toEqual([])
  })
})

describe('decisions', () => {
  const files = DOCUMENTS.filter(name => /^docs\/decisions\/\d{4}-/.test(name)).toSorted()
  const HEAD = /^# (\d{4} .+)\n\nDate: \d{4}-\d\d-\d\d\. Status: (.+)\.\n\n/
  const STATUS = /^(accepted|(accepted, changed|superseded) by \[(\d{4})\]\(\3-[^)]+\.md\))$/

  test.each(files)('%s: has its number, its date and its status', name => {
    const [, heading, status] = HEAD.exec(textOf(name)) ?? []
    expect(heading?.slice(0, 4)).toBe(basename(name).slice(0, 4))
    expect(status).toMatch(STATUS)
  })

  test('have a number each', () => {
    const numbers = files.map(name => basename(name).slice(0, 4))
    expect(new Set(numbers).size).toBe(files.length)
  })

  test('are listed with their headings, and their status where it is not just accepted', () => {
    const entries = files.map(name => {
      const [, heading, status] = HEAD.exec(textOf(name)) ?? []
      return `- [${heading}](${basename(name)})${status === 'accepted' ? '' : `: ${status}`}`
    })
    const listed = textOf('docs/decisions/README.md')
      .split('\n')
      .filter(line => line.startsWith('- '))
    expect(listed).toEqual(entries)
  })
})

test('docs/library.md: its programs are those of examples/library, which the tests run', () => {
  const programs = [...textOf('docs/library.md').matchAll(/```ts\n([\s\S]*?)```\n/g)].map(([, text]) => text)
  expect(programs).toEqual(['drift.ts', 'previews.ts'].map(name => textOf(`examples/library/${name}`)))
})

describe('what lists all of something', () => {
  test('README.md: every command', () => {
    const table = /^\| command \| does \|\n([\s\S]*?)\n\n/m.exec(textOf('README.md'))?.[1] ?? ''
    const listed = [...table.matchAll(/`nsctl ([a-z-]+)/g)].map(([, name]) => name)
    const missing = COMMANDS.filter(({ hidden }) => !hidden)
      .map(({ name }) => name.split(' ', 1)[0])
      .filter(name => !listed.includes(name))
    expect(missing).toEqual([])
  })

  test('docs/index.md: every page, but single decisions', () => {
    const linked = linksOf(textOf('docs/index.md')).map(link => join('docs', link))
    const pages = DOCUMENTS.filter(name => name.startsWith('docs/') && !name.startsWith('docs/decisions/'))
    expect(pages.filter(name => name !== 'docs/index.md' && !linked.includes(name))).toEqual([])
  })

  test('docs/install.md: the files that packaging makes are called as they are there', () => {
    const { version } = JSON.parse(textOf('package.json'))
    const named = [...textOf('docs/install.md').matchAll(/nsctl[-_](\d+\.\d+\.\d+)/g)].map(
      ([, found]) => found,
    )
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
