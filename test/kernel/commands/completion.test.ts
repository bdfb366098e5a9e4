import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { isInstalled } from '../host/installed.ts'
import { nsctlAsNobody } from '../host/nobody.ts'
import { openTerminal } from '../host/terminal.ts'

const TOPOLOGY = `name: web
subnets: { front: { cidr: 10.20.0.0/24, bridge: front } }
namespaces: { shop: {}, store: {} }
veths:
  - { subnet: front, ends: [host, shop] }
  - { subnet: front, ends: [host, store] }
`

let host: Host
let directory: string
let path: string
beforeAll(async () => {
  host = await createHost()
  directory = mkdtempSync(join(tmpdir(), 'nsctl-completion-'))
  chmodSync(directory, 0o755)
  mkdirSync(join(directory, 'bin'))
  symlinkSync(NSCTL, join(directory, 'bin/nsctl'))
  path = `${join(directory, 'bin')}:${process.env.PATH}`
  mkdirSync(join(directory, 'work'))
  writeFileSync(join(directory, 'work/web.yaml'), TOPOLOGY)
  const applied = await host.nsctl(['apply', join(directory, 'work/web.yaml')])
  expect(applied.stderr).toBe('')
})
afterAll(async () => {
  await host.dispose()
  rmSync(directory, { recursive: true, force: true })
})

const CASES: [line: string, completed: string][] = [
  ['nsctl des', 'nsctl destroy '],
  ['nsctl plan --dest', 'nsctl plan --destroy '],
  ['nsctl plan --format co', 'nsctl plan --format commands '],
  ['nsctl plan --format=co', 'nsctl plan --format=commands '],
  ['nsctl apply w', 'nsctl apply web.yaml '],
  ['nsctl exec sho', 'nsctl exec shop '],
  ['nsctl status we', 'nsctl status web'],
  ['nsctl exec shop -- mkfif', 'nsctl exec shop -- mkfifo '],
  ['nsctl --log-level sil', 'nsctl --log-level silent '],
  ['nsctl frobnicate x', 'nsctl frobnicate x'],
]

describe('bash', () => {
  let shell: Awaited<ReturnType<typeof interactive>>
  beforeAll(async () => {
    shell = await interactive('bash --norc --noprofile -i', [
      'set +o history',
      'source <(nsctl completion bash)',
      String.raw`bind -x '"\C-t": printf "<%s>\n" "$READLINE_LINE"; READLINE_LINE='`,
    ])
  })
  afterAll(() => shell.end())

  test.each(CASES)('%s', async (line, completed) => {
    expect(await shell.complete(line)).toBe(completed)
  })

  test('both names and files where both may stand', async () => {
    expect(await shell.complete('nsctl status ./w')).toBe('nsctl status ./web.yaml ')
  })
})

describe.skipIf(!isInstalled('zsh'))('zsh', () => {
  let shell: Awaited<ReturnType<typeof interactive>>
  beforeAll(async () => {
    shell = await interactive('zsh -f -i', [
      'autoload -Uz compinit && compinit -D -u && source <(nsctl completion zsh)',
      'unsetopt beep list_beep auto_menu; zstyle ":completion:*" insert-tab false',
      'show() { zle -I; print -r -- "<$BUFFER>"; BUFFER= }; zle -N show; bindkey "^T" show',
    ])
  })
  afterAll(() => shell.end())

  test.each(CASES)('%s', async (line, completed) => {
    expect(await shell.complete(line)).toBe(completed)
  })
})

describe.skipIf(!isInstalled('fish'))('fish', () => {
  test.each(CASES)('%s', async (line, completed) => {
    const script = `source (nsctl completion fish | psub); complete -C '${line}'`
    const { stdout } = await host.run('fish', ['--no-config', '-c', script], {
      env: { PATH: path, HOME: directory },
      cwd: join(directory, 'work'),
    })
    const words = stdout.split('\n').flatMap(one => (one === '' ? [] : [one.split('\t', 1)[0] ?? '']))
    const last = completed.trimEnd().split(' ').at(-1) ?? ''
    if (line === completed) expect(words).toEqual([])
    else expect(words).toContain(last)
  })
})

describe('live names', () => {
  test('of topologies are seen without privileges, by the marks of their links', async () => {
    const { stdout, stderr } = await nsctlAsNobody(host, ['__complete', '--', 'destroy', ''])
    expect({ stdout, stderr }).toEqual({ stdout: 'files\nweb\ttopology\n', stderr: '' })
  })

  test('that a shell could take for something else are left out', async () => {
    await host.run('touch', ['/run/netns/$(reboot) x', '/run/netns/plain'])
    const { stdout } = await host.nsctl(['__complete', '--', 'exec', ''])
    expect(stdout).not.toContain('reboot')
    expect(stdout).toContain('plain\tnamespace\n')
    await host.run('rm', ['/run/netns/$(reboot) x', '/run/netns/plain'])
  })

  test('nothing is said where nothing can be read', async () => {
    const { exitCode, stderr } = await host.run('unshare', [
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs tmpfs /run && exec "$@"`,
      'sh',
      process.execPath,
      NSCTL,
      '__complete',
      '--',
      'exec',
      '',
    ])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })
})

/** The key that prints the line as `<line>` and clears it: a second key might reach the terminal while the shell is away. */
const SHOW = '\u0014'

/** A shell that knows nsctl's completion; `setup` makes it show its line at SHOW. */
async function interactive(shell: string, setup: string[]) {
  const env = { PATH: path, HOME: directory, PS1: 'READY>' }
  const terminal = openTerminal(host, shell, { env, cwd: join(directory, 'work') })
  for (const line of setup) {
    await terminal.sees(/READY>/)
    terminal.type(`${line}\n`)
  }
  await terminal.sees(/READY>/)
  return {
    /** Types a line and the tabulator; returns what then stands in the line. */
    complete: async (line: string): Promise<string> => {
      terminal.type(`${line}\t`)
      terminal.type(SHOW)
      const [, shown = ''] = await terminal.sees(/<(nsctl[^>\r\n]*)>/)
      return shown
    },
    end: async () => {
      terminal.kill()
      await terminal.ended
    },
  }
}
