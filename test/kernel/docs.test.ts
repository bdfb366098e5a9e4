import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { DOCUMENTS, ROOT, textOf } from '../documents.ts'
import { createHost, NSCTL } from './host/host.ts'

describe('commands in documents print what the documents say', () => {
  let directory: string | undefined
  afterEach(() => directory && rmSync(directory, { recursive: true, force: true }))

  // `npx vitest run test/kernel/docs.test.ts -u` writes what they print now into the documents.
  test.each(DOCUMENTS.filter(name => blocksOf(textOf(name)).length > 0))('%s', async name => {
    const host = await createHost()
    try {
      directory = workplace()
      const document = textOf(name)
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
