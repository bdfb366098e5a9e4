import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { nsctlAsNobody } from '../host/nobody.ts'
import { openTerminal } from '../host/terminal.ts'

const nsctl = `${process.execPath} ${NSCTL}`

let host: Host
let directory: string
beforeAll(async () => {
  host = await createHost({ uplink: false })
  await host.run('ip', ['netns', 'add', 'shop'])
  await host.run('ip', ['netns', 'add', 'store'])
  directory = mkdtempSync(join(tmpdir(), 'nsctl-exec-'))
  chmodSync(directory, 0o755)
})
afterAll(async () => {
  await host.dispose()
  rmSync(directory, { recursive: true })
})

describe('on a terminal', () => {
  test('the command has it, with its size', async () => {
    const terminal = openTerminal(host, `stty rows 31 cols 97; ${nsctl} exec shop -- stty size`)
    await terminal.sees(/31 97/)
    expect(await terminal.ended).toBe(0)
  })

  test('Ctrl-C is for the command', async () => {
    const terminal = openTerminal(host, `exec ${nsctl} exec shop -- sh -c 'echo ready; exec sleep 600'`)
    await terminal.sees(/ready/)
    terminal.type('\u0003')
    expect(await terminal.ended).toBe(130)
  })

  test('a command that catches Ctrl-C goes on, and gets it once', async () => {
    const script = `trap "echo caught" INT; echo ready; read -r line; read -r line; echo "got $line"; exit 3`
    const terminal = openTerminal(host, `exec ${nsctl} exec shop -- bash -c '${script}'`)
    await terminal.sees(/ready/)
    terminal.type('\u0003')
    await terminal.sees(/caught/)
    terminal.type('one\ntwo\n')
    const [, between = ''] = await terminal.sees(/([\s\S]*)got (one|two)/)
    expect(between).not.toContain('caught')
    expect(await terminal.ended).toBe(3)
  })

  test('the command hears that the window has another size', async () => {
    const script = `trap "stty size; exit 5" WINCH; echo ready; while :; do sleep 0.05; done`
    const terminal = openTerminal(host, `tty; ${nsctl} exec shop -- bash -c '${script}'`)
    const [, name = ''] = await terminal.sees(/(\/dev\/pts\/\d+)/)
    await terminal.sees(/ready/)
    await host.run('stty', ['-F', name, 'rows', '40', 'cols', '111'])
    await terminal.sees(/40 111/)
    expect(await terminal.ended).toBe(5)
  })

  test('Ctrl-Z stops it, and the shell takes it up again', async () => {
    const goesOn = 'trap "echo o""n-again" CONT; echo be""gun; while :; do sleep 0.1; done'
    const terminal = openTerminal(host, 'bash --norc --noprofile -i', { env: { PS1: 'READY>' } })
    await terminal.sees(/READY>/)
    terminal.type(`${nsctl} exec shop -- sh -c '${goesOn}'\n`)
    await terminal.sees(/begun/)
    terminal.type('\u001a')
    await terminal.sees(/Stopped[\s\S]*READY>/)
    terminal.type('fg\n')
    // Only then has the shell given it the terminal: what is typed before reaches the shell itself.
    await terminal.sees(/on-again/)
    terminal.type('\u0003')
    await terminal.sees(/READY>/)
    terminal.type('echo "code $?"; exit 0\n')
    await terminal.sees(/code 130/)
    expect(await terminal.ended).toBe(0)
  })

  test('without a command: the user’s shell, with job control', async () => {
    const terminal = openTerminal(host, `exec ${nsctl} exec shop`, {
      env: { SHELL: '/bin/bash', PS1: 'READY>' },
    })
    terminal.type('set -o | grep monitor; ip netns identify; exit 6\n')
    await terminal.sees(/monitor\s+on/)
    await terminal.sees(/^shop/m)
    expect(await terminal.ended).toBe(6)
  })
})

describe('without a terminal', () => {
  const inner = (command: string, options = {}) =>
    host.run('bash', ['-c', command], { reject: false, ...options })

  test.each([
    ['TERM', 143],
    ['HUP', 129],
    ['INT', 130],
  ] as const)('SIG%s to nsctl reaches the command', async (signal, code) => {
    const started = await host.start(
      process.execPath,
      [NSCTL, 'exec', 'shop', '--', 'sh', '-c', 'echo ready; exec sleep 600'],
      {
        ready: /ready/,
      },
    )
    started.kill(`SIG${signal}`)
    expect((await started.ended).exitCode).toBe(code)
  })

  test('bytes pass through it unchanged', async () => {
    const path = join(directory, 'bytes')
    const bytes = randomBytes(1 << 20)
    writeFileSync(path, bytes)
    const { stdout } = await inner(`${nsctl} exec shop -- cat < ${path} | sha256sum`)
    expect(stdout).toBe(`${createHash('sha256').update(bytes).digest('hex')}  -\n`)
  })

  test('a reader that goes away ends the command', async () => {
    const { stdout } = await inner(`${nsctl} exec shop -- yes | head -n 1; echo "\${PIPESTATUS[0]}"`)
    expect(stdout).toBe('y\n141\n')
  })

  test('a shell that is none is not taken', async () => {
    const { stdout, exitCode } = await host.nsctl(['exec', 'shop'], {
      env: { SHELL: '/usr/sbin/nologin' },
      input: 'echo in a shell; exit 4\n',
    })
    expect({ stdout, exitCode }).toEqual({ stdout: 'in a shell\n', exitCode: 4 })
  })
})

describe('what cannot be done is said', () => {
  test('a namespace that does not exist, with the one that was meant', async () => {
    expect(await host.nsctl(['exec', 'shpo', '--', 'true'])).toEqual({
      exitCode: 125,
      stdout: '',
      stderr: 'nsctl exec: no namespace shpo; did you mean shop?; namespaces of this host: shop, store\n',
    })
  })

  test('without privileges', async () => {
    const { exitCode, stderr } = await nsctlAsNobody(host, ['exec', 'shop', '--', 'true'])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 125,
      stderr: expect.stringContaining('nsctl needs root'),
    })
  })
})
