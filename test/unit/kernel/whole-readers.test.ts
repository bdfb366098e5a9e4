import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openClone } from '../../../src/kernel/git.ts'
import type { Run } from '../../../src/kernel/process/run.ts'
import { readHost } from '../../../src/kernel/read/ip.ts'
import { GarbledOutput } from '../../../src/kernel/read/json.ts'
import { parseListeners } from '../../../src/kernel/read/listeners.ts'
import { readAllHostSysctls } from '../../../src/kernel/read/sysctls.ts'
import { wholeOutput } from '../../../src/kernel/read/whole.ts'
import { isWhole } from '../../../src/kernel/write/conntrack-list.ts'
import { forgetFlows } from '../../../src/kernel/write/forget-flows.ts'

const printing =
  (stdout: string, stderr = ''): Run =>
  async () => ({ exitCode: 0, stdout, stderr })

describe('ip', () => {
  const link = '[{"ifindex":1,"ifname":"lo","mtu":65536,"flags":["UP"]}]'
  const rules = '[{"priority":0,"src":"all","table":"255"}]'
  const read = (stdout: string) => readHost(printing(stdout), { ids: false, ipv6: false, routes: undefined })

  test('is believed where it has answered every question with what was asked for', async () => {
    expect((await read(`${link}\n[]\n${rules}\n`)).links).toHaveLength(1)
  })

  test.each([
    ['half of an answer', `${link}\n[]\n[{"priority":0,`, 'printed no valid JSON'],
    ['one answer less', `${link}\n[]\n`, 'printed 2 answers to 3 questions'],
    ['nothing', '', 'printed 0 answers to 3 questions'],
    [
      'a note among the answers',
      `${link}\nDump was interrupted\n[]\n${rules}\n`,
      'printed 4 answers to 3 questions',
    ],
    ['a note in place of one', `${link}\nDump was interrupted\n${rules}\n`, 'printed no valid JSON'],
    ['answers in another order', `[]\n${link}\n${rules}\n`, 'route show: printed what has no dst'],
    [
      'links without an index',
      `[{"ifname":"lo","mtu":1}]\n[]\n${rules}\n`,
      'addr show: printed what has no ifindex',
    ],
    ['rules without a priority', `${link}\n[]\n[{"src":"all"}]\n`, 'rule show: printed what has no priority'],
  ])('is not believed with %s', async (_, stdout, message) => {
    await expect(read(stdout)).rejects.toThrow(GarbledOutput)
    await expect(read(stdout)).rejects.toThrow(message)
  })
})

describe('what a tool itself calls a part, on standard error and with exit code 0', () => {
  const INTERRUPTED = 'Dump was interrupted and may be inconsistent.\n'

  test('is read again', async () => {
    const answers = [INTERRUPTED, INTERRUPTED, '']
    const run: Run = async () => ({ exitCode: 0, stdout: '[]', stderr: answers.shift() ?? '' })
    await wholeOutput(run)('ip', ['-j', 'addr'])
    expect(answers).toEqual([])
  })

  test('is an error where it stays one', async () => {
    const run = wholeOutput(printing('[]', INTERRUPTED))
    await expect(run('ip', ['-j', 'addr'])).rejects.toThrow('ip -j addr: Dump was interrupted')
  })

  test('is not what is only noise', async () => {
    const run = wholeOutput(printing('[]', 'sudo: unable to resolve host web1\n'))
    expect((await run('ip', [])).stdout).toBe('[]')
  })
})

describe('ss', () => {
  const socket = 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=7,fd=3))\n'

  test.each([
    ['a line without its end', `${socket}tcp LISTEN 0 128 0.0.0.0:80`, 'printed a line without its end'],
    ['a message', `${socket}Cannot open netlink socket: Too many open files\n`, 'printed what is no socket'],
    ['another format', '{"sockets": []}\n', 'printed what is no socket'],
    ['an address that is none', 'tcp LISTEN 0 128 here *\n', 'printed what is no socket'],
  ])('is not believed with %s', (_, text, message) => {
    expect(() => parseListeners(text)).toThrow(GarbledOutput)
    expect(() => parseListeners(text)).toThrow(`ss -l -n -t -u -S -p: ${message}`)
  })

  test('a process whose name holds a newline hides no socket, and stops nobody', () => {
    const odd = 'tcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:* users:(("a\nb",pid=9,fd=3))\n'
    expect(parseListeners(odd + socket).map(({ port }) => port)).toEqual([80, 22])
  })
})

test('sysctl: settings without their beginning or their end are not believed', async () => {
  const [first, last] = ['/proc/sys/net//core/somaxconn:4096', '/proc/sys/net/core//somaxconn:4096']
  const value = '/proc/sys/net/ipv4/ip_forward:1'
  expect(await readAllHostSysctls(printing(`${first}\n${value}\n${last}\n`))).toEqual({
    'net/ipv4/ip_forward': '1',
  })
  for (const text of [
    '',
    `${first}\n${value}\n`,
    `${value}\n${last}\n`,
    `${first}\n${value}\n${last.slice(0, 20)}`,
  ])
    await expect(readAllHostSysctls(printing(text))).rejects.toThrow(
      /^grep: printed settings|^grep: printed no settings/,
    )
})

describe('conntrack', () => {
  const flow =
    'tcp 6 100 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=1 dport=6000 src=10.0.0.2 dst=192.0.2.1 sport=80 dport=1 [ASSURED] mark=0 use=1\n'
  const shown = (count: number) =>
    `conntrack v1.4.7 (conntrack-tools): ${count} flow entries have been shown.\n`

  test.each([
    ['whole', flow, shown(1), true],
    ['empty', '', shown(0), true],
    ['less than was counted', flow, shown(2), false],
    ['without a count', flow, '', false],
    ['cut off', flow.slice(0, 30), shown(1), false],
    ['with a message among the flows', `${flow}conntrack: Operation failed\n`, shown(2), false],
  ])('a list that is %s', (_, stdout, stderr, is) => {
    expect(isWhole(stdout, stderr)).toBe(is)
  })

  test('where the list is not all of it every connection is asked for, listed or not', async () => {
    const calls: string[] = []
    const run: Run = async (_, args, options) => {
      calls.push(args[0] === '-L' ? '-L' : Object.values(options?.files ?? {}).join('') || args.join(' '))
      return { exitCode: 0, stdout: '', stderr: '' }
    }
    const commands = [6000, 6001, 6002, 6003].map(port => ({
      ...({ tool: 'conntrack', family: 'ipv4', destination: null } as const),
      match: { protonum: 'tcp', 'orig-port-dst': String(port) },
    }))
    await forgetFlows(run, commands)
    expect(calls).toHaveLength(2)
  })
})

describe('git', () => {
  const state = mkdtempSync(join(tmpdir(), 'nsctl-git-'))
  const commit = '0123456789abcdef0123456789abcdef01234567'
  const entry = (path: string, size = 9) => `100644 blob ${commit}      ${size}\t${path}\0`
  const clone = (answers: Record<string, string>) => {
    const run: Run = async (_, args) => {
      const command = Object.keys(answers).find(one => args.includes(one))
      return { exitCode: 0, stdout: answers[command ?? ''] ?? '', stderr: '' }
    }
    const made = openClone(run, { url: '/srv/x.git', branch: 'main' }, state, undefined)
    mkdirSync(made.directory, { recursive: true })
    writeFileSync(join(made.directory, 'HEAD'), '')
    return made
  }
  afterAll(() => rmSync(state, { recursive: true }))

  test('that names the commit and every file whole is believed', async () => {
    const answers = { 'rev-parse': `${commit}\n`, 'ls-tree': entry('web.yaml'), 'cat-file': 'name: web' }
    expect(await clone(answers).fetched()).toBe(commit)
    expect(await clone(answers).read(commit, '')).toEqual([{ path: 'web.yaml', text: 'name: web' }])
  })

  test.each(['', 'HEAD\n', '0123abc\n', `warning: x\n${commit}\n`])(
    'that names the commit as %j is not believed',
    async text => {
      const { fetch } = clone({ 'rev-parse': text })
      await expect(fetch(new AbortController().signal)).rejects.toThrow('git rev-parse: printed no commit')
    },
  )

  test.each([
    ['cut off', entry('web.yaml') + entry('db.yaml').slice(0, 20), 'printed an entry without its end'],
    ['with a message among the entries', `${entry('web.yaml')}error: bad tree\0`, 'printed what is no entry'],
  ])('that lists files %s does not make those that are missing pass for gone', async (_, text, message) => {
    await expect(clone({ 'ls-tree': text }).read(commit, '')).rejects.toThrow(`git ls-tree: ${message}`)
  })

  test('that prints a part of a file gives no file', async () => {
    const [blob] = await clone({ 'ls-tree': entry('web.yaml', 30), 'cat-file': 'name: web' }).read(commit, '')
    expect(blob).toMatchObject({ refused: 'cannot be read: git printed 9 bytes of 30, or it is not UTF-8' })
  })
})
