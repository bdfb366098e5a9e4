import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { NSCTL } from '../host/host.ts'
import { machine, processesIn } from '../host/leftovers.ts'
import { NOBODY } from '../host/nobody.ts'

const AS_NOBODY = ['setpriv', ...NOBODY]
const isRoot = process.getuid?.() === 0
const users: [string, string[]][] = [
  [isRoot ? 'root' : 'an ordinary user', []],
  ...(isRoot ? [['an ordinary user', AS_NOBODY] as [string, string[]]] : []),
]

/** No directory of somebody else's in it: `nobody` may not look there, which is no "not found". */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

let directory: string
let nsctl: string
/** Copied with it: below root's home nobody else could read it. */
let node: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'nsctl-sandbox-'))
  nsctl = join(directory, 'dist/nsctl.cjs')
  node = join(directory, 'node')
  cpSync(dirname(NSCTL), dirname(nsctl), { recursive: true })
  copyFileSync(process.execPath, node)
  chmodSync(directory, 0o755)
})
afterAll(() => rmSync(directory, { recursive: true }))

describe.each(users)('as %s', (_, become) => {
  const sandboxed = (...command: string[]) => {
    const [file = '', ...args] = [...become, node, nsctl, 'sandbox', '--', ...command]
    return [file, args] as const
  }
  const sandbox = (command: string[], input = '') =>
    spawnSync(...sandboxed(...command), { encoding: 'utf8', input, cwd: '/', env: ENVIRONMENT })

  test.each([
    ['its own', ['sh', '-c', 'exit 7'], 7],
    ['ended by a signal', ['sh', '-c', 'kill -TERM $$'], 143],
    ['cannot be invoked', ['/etc/passwd'], 126],
    ['not found', ['no-such-command'], 127],
    ['arguments arrive as they are', ['test', "a b'$x", '=', "a b'$x"], 0],
  ])('exit code: %s', (_, command, code) => {
    expect(sandbox(command).status).toBe(code)
  })

  test('what cannot be invoked is told as by exec', () => {
    expect(sandbox(['/etc/passwd']).stderr).toBe('nsctl sandbox: /etc/passwd: permission denied\n')
  })

  test('standard input and output are the command’s', () => {
    expect(sandbox(['tr', 'a-z', 'A-Z'], 'quiet\n')).toMatchObject({ stdout: 'QUIET\n', stderr: '' })
  })

  test('there is an uplink, and the outside answers on both families', () => {
    const { stdout, stderr } = sandbox([
      'sh',
      '-c',
      `${pings(OUTSIDE.client)}; ip -br link show ${OUTSIDE.uplink}`,
    ])
    expect(stderr).toBe('')
    expect(stdout.match(/ 0% packet loss/g)).toHaveLength(2)
    expect(stdout).toMatch(/^ens5@\S+ +UP/m)
  })

  test('one is root in it: namespaces, files for them, both variants of iptables', () => {
    const script = `
      ip netns add web && mkdir -p /etc/netns/web && echo nameserver 192.0.2.53 > /etc/netns/web/resolv.conf &&
      ip netns exec web cat /etc/resolv.conf &&
      iptables-nft -t nat -A POSTROUTING -j MASQUERADE && iptables-legacy -t nat -A POSTROUTING -j MASQUERADE &&
      ip6tables-nft -P FORWARD DROP && ip6tables-legacy -P FORWARD DROP &&
      sysctl -q -w net.ipv4.ip_forward=1 && id -u && hostname`
    const before = machine()
    const { stdout, stderr } = sandbox(['sh', '-c', script])
    expect(stderr).toBe('')
    expect(stdout).toBe('nameserver 192.0.2.53\n0\nsandbox\n')
    expect(machine()).toEqual(before)
  })

  test('a sandbox in a sandbox in a sandbox', () => {
    const again = [node, nsctl, 'sandbox', '--']
    const script = 'mkdir -p /etc/netns/web && touch /etc/netns/web/resolv.conf && ip netns; exit 9'
    const { status, stdout } = sandbox([...again, ...again, 'sh', '-c', script])
    expect(stdout).toMatch(/^outside/)
    expect(status).toBe(9)
  })

  test('everything in it ends with it', () => {
    const { stdout } = sandbox(['sh', '-c', `setsid sleep 600 & ${SPACES}`])
    expect(processesIn(stdout.trim().split('\n'))).toEqual([])
  })

  test.each([
    ['TERM', 143],
    ['HUP', 129],
    ['INT', 130],
  ] as const)('SIG%s reaches the command', async (signal, code) => {
    const { child, spaces, ended } = await running(sandboxed('sh', '-c', `${SPACES}; exec sleep 600`))
    child.kill(`SIG${signal}`)
    expect(await ended).toBe(code)
    expect(processesIn(spaces)).toEqual([])
  })

  test('killed from without, it leaves nothing either', async () => {
    const { child, spaces, ended } = await running(sandboxed('sh', '-c', `${SPACES}; exec sleep 600`))
    child.kill('SIGKILL')
    await ended
    // The inner half learns of it from the end of a pipe.
    while (processesIn(spaces).length > 0) await sleep(10)
  })

  test('without a command: a shell with job control on the terminal, and a word about what is there', () => {
    const [file, args] = sandboxed()
    const line = [file, ...args].join(' ')
    const { status, stdout } = spawnSync('script', ['-qefc', line, '/dev/null'], {
      encoding: 'utf8',
      input: 'set -o | grep monitor; exit 5\n',
      env: { ...process.env, SHELL: '/bin/bash' },
    })
    expect(stdout).toContain('A throw-away host')
    expect(stdout).toMatch(/monitor\s+on/)
    expect(status).toBe(5)
  })
})

test.runIf(isRoot)('where user namespaces are forbidden it says so, and what to do', () => {
  // A user namespace of its own, in which no more may be made: that is how a host looks that allows none.
  const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
  const [file = '', ...args] = [
    ...AS_NOBODY,
    'unshare',
    '--user',
    '--map-user=1000',
    '--keep-caps',
    'sh',
    '-c',
    script,
  ]
  const { status, stderr } = spawnSync(file, [...args, 'sh', node, nsctl, 'sandbox', '--', 'true'], {
    encoding: 'utf8',
  })
  expect(stderr).toContain('nsctl sandbox: private namespaces are not permitted here: unshare:')
  expect(stderr).toContain('sysctl user.max_user_namespaces=')
  expect(stderr).toContain('sudo nsctl sandbox')
  expect(status).toBe(125)
})

/** Prints the namespaces a command is in. */
const SPACES = 'readlink /proc/self/ns/net /proc/self/ns/mnt /proc/self/ns/pid'

function pings(addresses: readonly string[]): string {
  return addresses.map(address => `ping -c 1 -W 2 ${address}`).join('; ')
}

/** A sandbox whose command has printed its namespaces and goes on running. */
async function running([file, args]: readonly [string, string[]]) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const spaces = await new Promise<string[]>(resolve => {
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
      const lines = output.split('\n').filter(line => line !== '')
      if (lines.length === 3) resolve(lines)
    })
  })
  return { child, spaces, ended }
}
