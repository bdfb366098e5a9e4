import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectPrintable } from '../../unit/hostile/judge.ts'
import { createHost, type Host } from '../host/host.ts'
import { PATIENTLY } from '../host/patience.ts'
import { topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'
import { foreignPart, type Own } from './foreign.ts'

const OWN: Own = { topology: 'names', links: ['v1', 'v2'], namespaces: ['n1', 'n2'], uplinks: ['ens5'] }

const topology = (extra = '') => `
name: names
uplinks: [ens5]
subnets: { web: 10.1.0.0/24, db: { cidr: [10.1.1.0/24, "fd00:1::/64"] } }
namespaces:
  n1: { nameservers: [192.0.2.53] }
  n2: {}
veths:
  - { subnet: web, ends: [host:v1, n1:eth0] }
  - { subnet: db, ends: [host:v2, n2:eth0] }
forwards:
  - { listen: 6000, to: n1:8080 }
${extra}
`

/** The kernel takes all of these; blanks, slashes and colons are about all it does not. */
const ODD = [
  '$(id)',
  'a;b',
  '-x',
  'a"b',
  "a'b",
  '#c',
  'd%%d',
  'eth+',
  '*',
  '\\n',
  '`id`',
  '--help',
  'dev',
  'all.x',
]
const ESCAPES = ['e\u001b[2J', 'f\u009b31m', 'g\u202eh', 'i\u0007', 'é', '😀']

let host: Host
let before: Picture

const made = async () => difference(foreignPart(before, OWN), foreignPart(await picture(host), OWN))

/** Runs nsctl and wants its exit code, and nothing in its output that a terminal would obey. */
async function nsctl(args: string[], exitCode = 0): Promise<string> {
  const result = await host.nsctl(args)
  expectPrintable(result.stdout)
  expectPrintable(result.stderr)
  expect(result, `${args.join(' ')}\n${result.stdout}${result.stderr}`).toMatchObject({ exitCode })
  return result.stdout + result.stderr
}

beforeAll(async () => {
  host = await createHost()
  const names = [...ODD.filter(name => name !== 'd%%d'), ...ESCAPES]
  for (const [i, name] of names.entries()) {
    await host.run('ip', ['link', 'add', 'name', name, 'type', 'bridge'])
    await host.run('ip', ['link', 'set', 'dev', name, 'alias', `nsctl:${name}\u001b[31m\n"x\\`])
    if (i % 3 === 0) await host.run('ip', ['link', 'set', 'dev', name, 'up'])
  }
  for (const name of [...ODD, ...ESCAPES].filter(name => !name.startsWith('-'))) {
    await host.run('ip', ['netns', 'add', name])
    await host.run('ip', ['-n', name, 'link', 'set', 'dev', 'lo', 'alias', `nsctl:${name}`])
  }
  await host.run('ip', [
    'link',
    'add',
    'name',
    '$(odd)',
    'type',
    'veth',
    'peer',
    'name',
    'a;b',
    'netns',
    '$(id)',
  ])
  await host.run('sh', [
    '-ec',
    `
    cd /run/netns
    echo no namespace > plain
    mkfifo pipe
    mkdir directory
    ln -s '$(id)' linked
    ln -s nowhere dangling
    ln -s pipe linked-pipe
    ln -s linked linked-twice
    mkdir -p '/etc/netns/$(id)' /etc/netns/-x /etc/netns/deep/er
    echo nameserver 192.0.2.1 > '/etc/netns/$(id)/resolv.conf'
    printf '# nsctl:names\\033[2J\\n' > /etc/netns/-x/resolv.conf
    echo '# nsctl:names' > /etc/netns/plain
    mkfifo /etc/netns/-x/pipe
    ln -s /etc/passwd /etc/netns/-x/passwd
    ln -s /etc /etc/netns/linked
    ln -s nowhere /etc/netns/dangling
    `,
  ])
  for (const tool of ['iptables-nft', 'ip6tables-nft', 'iptables-legacy']) {
    for (const chain of [
      '$(id)',
      'a;b',
      'a"b',
      'NSCTL-names',
      'NSCTL-names-x',
      'NSCTL-namesx-FWD',
      'nsctl-names-FWD',
    ]) {
      await host.run(tool, ['-N', chain])
      await host.run(tool, ['-A', chain, '-j', 'RETURN'])
    }
    for (const comment of [
      'x"y\\z\'',
      'nsctl:names ',
      'nsctl:names2',
      '-A FORWARD -j DROP',
      'x" -m comment --comment "nsctl:names" -j NSCTL-names-FWD',
      '$(id)',
      'a\nCOMMIT\n-A FORWARD -j DROP',
      'é\u001b[2J',
    ]) {
      await host.run(tool, [
        '-A',
        'FORWARD',
        '-p',
        '47',
        '-m',
        'comment',
        '--comment',
        comment,
        '-j',
        '$(id)',
      ])
      await host.run(tool, [
        '-A',
        'OUTPUT',
        '-m',
        'comment',
        '--comment',
        comment,
        '-p',
        '47',
        '-j',
        'ACCEPT',
      ])
    }
  }
  before = await picture(host)
})
afterAll(() => host.dispose())

test('foreign names are escaped where they are printed, and nothing of theirs is touched', async () => {
  const file = await topologyFile(host, topology())
  for (const format of ['text', 'json', 'commands']) await nsctl(['plan', file, '--format', format])
  await nsctl(['--log-level', 'trace', 'plan', file])
  expect(await made()).toEqual([])

  await nsctl(['apply', file, '--yes'])
  expect(await made()).toEqual([])
  expect(await nsctl(['plan', file, '--detailed-exitcode'])).toMatch(/^No changes\./m)
  await nsctl(['list'])
  const { topologies } = JSON.parse(await nsctl(['list', '--format', 'json']))
  expect(topologies.map(({ name, sync }: { name: string; sync: string }) => [name, sync])).toContainEqual([
    'names',
    'in-sync',
  ])

  const snapshot = JSON.parse(await nsctl(['snapshot']))
  const names = snapshot.host.links.map(({ name }: { name: string }) => name)
  expect(names).toEqual(expect.arrayContaining(['$(id)', 'a"b', 'e\u001b[2J', 'g\u202eh', '#c']))
  expect(snapshot.namespaces.pipe.unreadable).toMatch(/no mounted namespace/)
  expect(snapshot.namespaces.linked.unreadable).toMatch(/symbolic link/)

  await nsctl(['apply', await topologyFile(host, topology('  - { listen: 6001, to: n2:80 }')), '--yes'])
  expect(await made()).toEqual([])
  await nsctl(['destroy', 'names', '--yes'])
  expect(difference(before, await picture(host))).toEqual([])
})

test('where one of them is in the way, that is said in plain text and nothing is changed', async () => {
  const wanting = `
name: names
subnets: { web: 10.1.0.0/24, lan: { cidr: 10.1.2.0/24, bridge: dev } }
namespaces:
  pipe: {}
  plain: { nameservers: [192.0.2.53] }
  linked: { nameservers: [192.0.2.53] }
  dangling: { nameservers: [192.0.2.53] }
  directory: {}
veths:
  - { subnet: web, ends: [host:v1, pipe] }
  - { subnet: lan, ends: [host, plain] }
`
  const said = await nsctl(['apply', await topologyFile(host, wanting), '--yes'], 1)
  const codes = [...said.matchAll(/error\[([a-z-]+)\]: .*?(\S+)/g)].map(([, code]) => code)
  expect(codes.filter(code => code === 'namespace-unreadable')).toHaveLength(5)
  expect(codes.filter(code => code === 'file-exists')).toHaveLength(3)
  expect(codes).toContain('interface-exists')
  expect(difference(before, await picture(host))).toEqual([])
})

test('a command is run in none that cannot be entered', async () => {
  for (const name of ['pipe', 'plain', 'linked', 'dangling', 'directory'])
    expect(await nsctl(['exec', name, '--', 'true'], 125)).toMatch(/cannot be entered|no namespace/)
  await nsctl(['exec', 'no\u001b[2J', '--', 'true'], 125)
  await nsctl(['exec', '$(id)', '--', 'true'])
})

test('default stands for no interface whose name would match others', async () => {
  await host.run('ip', ['link', 'set', 'dev', 'eth+', 'up'])
  await host.run('ip', ['route', 'add', 'default', 'dev', 'eth+', 'metric', '999'])
  const file = await topologyFile(host, topology().replace('[ens5]', '[default]'))
  expect(await nsctl(['plan', file])).toMatch(/warning\[uplink-unusable\].*eth\+/)
  expect(await nsctl(['plan', file, '--format', 'commands'])).not.toContain('-i eth+')
})

test('a process of any name that would lose its namespace is shown in plain text', async () => {
  const file = await topologyFile(host, topology())
  await nsctl(['apply', file, '--yes'])
  const script = 'exec -a "$(printf \'x\\033[2J\\nline\')" sleep 600'
  const sleeper = await host.start('bash', ['-c', script], { namespace: 'n1' })
  // Until it has taken that name it goes by the name of its shell.
  await expect.poll(() => nsctl(['plan', file, '--destroy']), { timeout: PATIENTLY }).toContain('x\\u{1b}[2J')
  await sleeper.stop()
  await nsctl(['destroy', 'names', '--yes'])
})
