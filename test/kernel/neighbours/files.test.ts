import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WRONG_USAGE } from '../../unit/hostile/command-lines.ts'
import { expectPrintable } from '../../unit/hostile/judge.ts'
import { createHost, type Host } from '../host/host.ts'
import { topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const TOPOLOGY = `
name: files
uplinks: [ens5]
subnets: { web: 10.1.0.0/24 }
namespaces: { n1: { nameservers: [192.0.2.53], sysctls: { net.ipv4.ip_default_ttl: 99 } } }
veths:
  - { subnet: web, ends: [host:v1, n1:eth0] }
forwards:
  - { listen: 6000, to: n1:8080 }
`

let host: Host
let before: Picture
const sh = (script: string) => host.run('sh', ['-ec', script])

/** Tools that write down that they were called, in the place of all that nsctl could call. */
const LOGGED = '/run/logged'
const TOOLS = [
  'ip',
  'ss',
  'tc',
  'sysctl',
  'conntrack',
  'nsenter',
  'unshare',
  'xargs',
  'grep',
  'flock',
  'cat',
  'iptables',
  'nft',
  'sh',
  'true',
].concat(
  ['ip', 'ip6'].flatMap(ip =>
    ['nft', 'legacy'].flatMap(v => ['save', 'restore'].map(a => `${ip}tables-${v}-${a}`)),
  ),
)

beforeAll(async () => {
  host = await createHost()
  await sh(`mkdir -m 755 ${LOGGED}; touch ${LOGGED}/calls`)
  for (const tool of TOOLS) {
    const real = (await sh(`command -v ${tool} || true`)).stdout.trim()
    // Where a tool is missing, nsctl does without.
    if (real === '') continue
    await host.write(
      `${LOGGED}/${tool}`,
      `#!/bin/bash\n{ echo "== ${tool} $*"; env; } >> ${LOGGED}/calls\nexec ${real} "$@"\n`,
    )
  }
  await sh(`chmod 755 ${LOGGED}/*; chmod 666 ${LOGGED}/calls`)
  before = await picture(host)
})
afterAll(() => host.dispose())

const called = () => host.read(`${LOGGED}/calls`)
const logged = { PATH: `${LOGGED}:${process.env.PATH}` }

/** With a limit that kills: what waits for ever has failed, without a clock in the test. */
async function bounded(args: string[], env: Record<string, string> = logged) {
  const result = await host.run('timeout', ['-s', 'KILL', '600', process.execPath, NSCTL_PATH, ...args], {
    env,
    reject: false,
  })
  expectPrintable(result.stdout)
  expectPrintable(result.stderr)
  return result
}
const NSCTL_PATH = new URL('../../../dist/nsctl.cjs', import.meta.url).pathname

const unchanged = async () => expect(difference(before, await picture(host))).toEqual([])

const COMMANDS = [
  ['validate'],
  ['apply', '--yes'],
  ['validate', '--format', 'json'],
  ['validate', '--format', 'github'],
  ['plan'],
  ['pin'],
  ['destroy', '--yes'],
  ['confirm'],
  ['rollback'],
]

describe('a file argument that is no file', () => {
  beforeAll(() =>
    sh(`
      mkdir -p /run/files/directory.yaml; cd /run/files
      mkfifo pipe.yaml; mknod device.yaml c 1 5 2>/dev/null || ln -s /dev/zero device.yaml
      ln -s loop.yaml loop2.yaml; ln -s loop2.yaml loop.yaml; ln -s nowhere dangling.yaml
      ln -s pipe.yaml to-pipe.yaml; ln -s /dev/zero to-zero.yaml; ln -s /proc/kmsg kmsg.yaml
      ln -s /proc/self/mem mem.yaml; ln -s /proc/kcore kcore.yaml; ln -s /proc/self/cmdline cmdline.yaml
      truncate -s 100G huge.yaml; head -c 9000000 /dev/zero > zeros.yaml; : > empty.yaml
      printf 'name: files\\n' > "$(printf 'odd\\033[2J\\nname.yaml')"
      printf 'name: \\033\\n' > "$(printf 'worse\\302\\233\\nnsctl: fine.yaml')"
    `),
  )

  test.each([
    ['directory.yaml', 1],
    ['pipe.yaml', 1],
    ['to-pipe.yaml', 1],
    ['device.yaml', 1],
    ['to-zero.yaml', 1],
    ['loop.yaml', 1],
    ['dangling.yaml', 1],
    ['missing.yaml', 1],
    ['missing\u001b[2J\nnsctl: fine.yaml', 1],
    ['mem.yaml', 1],
    ['empty.yaml/x.yaml', 1],
    ['huge.yaml', 65],
    ['zeros.yaml', 65],
    ['empty.yaml', 65],
    ['cmdline.yaml', 65],
    ['worse\u009b\nnsctl: fine.yaml', 65],
  ])('%j is refused by every command, and no other is run', async (name, exitCode) => {
    await sh(`: > ${LOGGED}/calls`)
    const path = `/run/files/${name}`
    const every = /^(pipe|device|huge|missing\u001b)/.test(name)
    for (const args of every ? COMMANDS : COMMANDS.slice(0, 2)) {
      const result = await bounded([...args, path])
      expect(result.exitCode, `${args} ${result.stdout}${result.stderr}`).toBe(exitCode)
      expect(result.stdout + result.stderr).not.toMatch(/^nsctl: fine/m)
    }
    expect(await called()).toBe('')
    await unchanged()
  })

  test('what is piped in is read, as is what a shell substitutes', async () => {
    await sh(`printf 'name: files\\n' > /run/files/good.yaml`)
    for (const script of [
      'cat /run/files/good.yaml | "$0" "$1" validate /dev/stdin',
      '"$0" "$1" validate <(cat /run/files/good.yaml)',
      '"$0" "$1" validate /dev/stdin < /run/files/good.yaml',
    ]) {
      const result = await host.run(
        'timeout',
        ['-s', 'KILL', '600', 'bash', '-c', script, process.execPath, NSCTL_PATH],
        { reject: false },
      )
      expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('valid') })
    }
  })
})

test('wrong usage runs no command either, by the built nsctl', async () => {
  await sh(`: > ${LOGGED}/calls`)
  const some = WRONG_USAGE.filter((_, i) => i % 12 === 0)
  expect(some.length).toBeGreaterThan(15)
  for (const args of some) {
    const result = await bounded(args)
    expect(result.exitCode, JSON.stringify(args)).toBe(64)
  }
  expect(await called()).toBe('')
  // What proves that calls are seen.
  await bounded(['list'])
  expect(await called()).toContain('== ip ')
  await unchanged()
})

test('tools are called in a clean environment', async () => {
  await sh(`: > ${LOGGED}/calls`)
  const hostile = {
    ...logged,
    IPTABLES_LIB_DIR: '/tmp/evil',
    XTABLES_LIBDIR: '/tmp/evil',
    XTABLES_LOCKFILE: '/tmp/evil',
    LD_LIBRARY_PATH: '/tmp/evil',
    LC_ALL: 'de_DE.UTF-8',
    LANGUAGE: 'de',
    BASH_ENV: '/tmp/evil',
    ENV: '/tmp/evil',
    MODPROBE_OPTIONS: '-C /tmp/evil',
    NFT_EVIL: 'x',
    TC_LIB_DIR: '/tmp/evil',
  }
  const file = await topologyFile(host, TOPOLOGY)
  expect(await bounded(['apply', file, '--yes', '--confirm', '600s'], hostile)).toMatchObject({ exitCode: 0 })
  expect(await bounded(['rollback', 'files'], hostile)).toMatchObject({ exitCode: 0 })
  const seen = await called()
  expect(seen).toContain('LC_ALL=C')
  expect(seen).toMatch(/^== iptables-\w+-restore --noflush/m)
  expect(seen).not.toMatch(/evil|de_DE|LANGUAGE/)
  await unchanged()
})

describe('a tool that somebody else could have put there', () => {
  test.each([
    ['a directory that all may write to', 'mkdir /run/evil; chmod 777 /run/evil', ''],
    ['a directory that a group may write to', 'mkdir /run/evil; chmod 775 /run/evil', ''],
    ['a sticky directory that all may write to', 'mkdir /run/evil; chmod 1777 /run/evil', ''],
    ['somebody’s directory', 'mkdir -m 755 /run/evil', 'chown 65534 /run/evil'],
    [
      'a directory in somebody’s',
      'mkdir -m 755 -p /run/evil-top; chown 65534 /run/evil-top; mkdir -m 755 /run/evil-top/in; ln -s /run/evil-top/in /run/evil',
      '',
    ],
    ['somebody’s file', 'mkdir -m 755 /run/evil', 'chown 65534 /run/evil/*'],
    ['a file that all may write to', 'mkdir -m 755 /run/evil', 'chmod 777 /run/evil/*'],
    [
      'a link through somebody’s directory',
      'mkdir -m 755 /run/evil /run/evil-by /run/evil-to; chown 65534 /run/evil-by',
      'for t in /run/evil/*; do n=$(basename $t); mv $t /run/evil-to/; ln -s /run/evil-to/$n /run/evil-by/$n; ln -s /run/evil-by/$n $t; done',
    ],
  ])('in %s is not run', async (_, make, spoil) => {
    await sh(`rm -rf /run/evil*; ${make}`)
    for (const tool of ['ip', 'iptables', 'ss', 'flock', 'nsenter'])
      await sh(
        `printf '#!/bin/sh\\ntouch /run/evil-was-run\\nexit 1\\n' > /run/evil/${tool}; chmod 755 /run/evil/${tool}`,
      )
    await sh(spoil || 'true')
    const file = await topologyFile(host, TOPOLOGY)
    const result = await bounded(['plan', file], { PATH: `/run/evil:${process.env.PATH}` })
    expect(result.exitCode, result.stderr).toBe(0)
    await sh('test ! -e /run/evil-was-run')
    await sh('rm -rf /run/evil*')
  })

  test('is run where only root could have: what the others are told from', async () => {
    await sh(
      `mkdir -m 755 /run/evil; printf '#!/bin/sh\\ntouch /run/evil-was-run\\nexit 1\\n' > /run/evil/ip; chmod 755 /run/evil/ip`,
    )
    const file = await topologyFile(host, TOPOLOGY)
    expect((await bounded(['plan', file], { PATH: `/run/evil:${process.env.PATH}` })).exitCode).toBe(1)
    await sh('test -e /run/evil-was-run; rm -rf /run/evil*')
  })
})

describe('links and others in the way of nsctl’s own files', () => {
  beforeEach(() =>
    sh(
      'rm -rf /run/nsctl /run/elsewhere /etc/netns; mkdir /run/elsewhere; echo precious > /run/elsewhere/lock; cp /run/elsewhere/lock /run/elsewhere/claims.json',
    ),
  )

  test.each([
    ['a link for /run/nsctl', 'ln -s /run/elsewhere /run/nsctl', /nsctl is not a directory/],
    ['a dangling link for /run/nsctl', 'ln -s /run/elsewhere/new /run/nsctl', /nsctl|EEXIST/],
    ['a file for /run/nsctl', 'echo x > /run/nsctl', /nsctl is not a directory/],
    ['/run/nsctl open to others', 'mkdir -m 755 /run/nsctl', /nsctl is not a directory/],
    [
      '/run/nsctl of another user',
      'mkdir -m 700 /run/nsctl; chown 65534 /run/nsctl',
      /nsctl is not a directory/,
    ],
    [
      'a link for the lock',
      'mkdir -m 700 /run/nsctl; ln -s /run/elsewhere/lock /run/nsctl/lock',
      /lock is not a plain file/,
    ],
    ['a pipe for the lock', 'mkdir -m 700 /run/nsctl; mkfifo /run/nsctl/lock', /lock is not a plain file/],
    [
      'a link for the claims',
      'mkdir -m 700 /run/nsctl; ln -s /run/elsewhere/claims.json /run/nsctl/claims.json',
      /claims\.json is not a plain file/,
    ],
    [
      'a link for the journal’s directory',
      'mkdir -m 700 /run/nsctl; ln -s /run/elsewhere /run/nsctl/journal',
      /journal is not a directory/,
    ],
    [
      'a link for the directory of what was applied',
      'mkdir -m 700 /run/nsctl; ln -s /run/elsewhere /run/nsctl/applied',
      /applied is not a directory/,
    ],
    [
      'a link for /etc/netns',
      'ln -s /run/elsewhere /etc/netns',
      /file-exists.*\/etc\/netns is not a directory/,
    ],
    [
      'a link for the namespace’s directory',
      'mkdir /etc/netns; ln -s /run/elsewhere /etc/netns/n1; touch /run/elsewhere/.nsctl-theirs',
      /file-exists.*n1 is not a directory/,
    ],
    [
      'a link for its resolv.conf',
      'mkdir -p /etc/netns/n1; ln -s /run/elsewhere/lock /etc/netns/n1/resolv.conf',
      /file-exists/,
    ],
    ['a pipe for its resolv.conf', 'mkdir -p /etc/netns/n1; mkfifo /etc/netns/n1/resolv.conf', /file-exists/],
  ])('%s: refused, and nothing is written through it', async (_, make, said) => {
    await sh(make)
    const found = await picture(host)
    const elsewhere = async () => (await sh('cd /run/elsewhere; ls -lA --time-style=+%s.%N; cat *')).stdout
    const there = await elsewhere()
    const result = await bounded(['apply', await topologyFile(host, TOPOLOGY), '--yes'])
    expect(result.exitCode, result.stdout + result.stderr).toBeGreaterThan(0)
    expect(result.stderr).toMatch(said)
    expect(await elsewhere()).toBe(there)
    expect(difference(found, await picture(host))).toEqual([])
  })
})

describe('whatever the umask', () => {
  beforeEach(() => sh('rm -rf /run/nsctl /etc/netns'))

  test.each(['000', '022', '077', '177'])(
    '%s, what is private is, and what others read they can',
    async umask => {
      const file = await topologyFile(host, TOPOLOGY)
      const run = (args: string) => sh(`umask ${umask}; ${process.execPath} ${NSCTL_PATH} ${args}`)
      await run(`apply ${file} --yes`)
      const { stdout } = await sh('find /run/nsctl /etc/netns -printf "%m %y %p\\n" | sort -k3')
      expect(stdout.trim().split('\n')).toEqual([
        '755 d /etc/netns',
        '755 d /etc/netns/n1',
        '644 f /etc/netns/n1/resolv.conf',
        '700 d /run/nsctl',
        '700 d /run/nsctl/applied',
        '600 f /run/nsctl/applied/files.json',
        '600 f /run/nsctl/claims.json',
        ...(stdout.includes('/run/nsctl/journal') ? ['700 d /run/nsctl/journal'] : []),
        '600 f /run/nsctl/lock',
      ])
      await run('destroy files --yes')
      await unchanged()
    },
  )
})
