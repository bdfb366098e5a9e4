import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { nsctlAsNobody } from '../host/nobody.ts'
import { applyFile, FLASK } from '../host/topology.ts'

const NEEDY = `
name: needy
uplinks: [ens5]
subnets: { lan: 10.9.0.0/24 }
namespaces:
  needy: { sysctls: { net.ipv4.tcp_keepalive_time: 600 } }
veths:
  - { subnet: lan, ends: [host, needy] }
forwards:
  - { listen: 6000, to: needy:80 }
`

let host: Host

/** What anybody, anywhere, makes of a snapshot. */
const asNobody = (args: string[]) => nsctlAsNobody(host, args)

async function samePlans(file: string, options: string[][]): Promise<void> {
  await host.write('/run/live.json', (await host.nsctl(['snapshot'])).stdout)
  for (const more of options) {
    const there = await host.nsctl(['plan', file, ...more])
    expect(await asNobody(['plan', file, '--live', '/run/live.json', ...more])).toEqual(there)
  }
}

const WAYS = [
  [],
  ['--format', 'json'],
  ['--format', 'commands'],
  ['--format', 'markdown'],
  ['--detailed-exitcode'],
  ['--destroy'],
  ['--destroy', '--format', 'json'],
  ['--iptables', 'legacy'],
]

beforeAll(async () => {
  host = await createHost()
  await host.write('/run/needy.yaml', NEEDY)
  await host.run('cp', [FLASK, '/run/flask.yaml'])
})
afterAll(() => host.dispose())

test('a plan against a snapshot is the plan on the host, by whomsoever it is made', async () => {
  await samePlans('/run/flask.yaml', WAYS)
  await applyFile(host, FLASK)
  await samePlans('/run/flask.yaml', WAYS)
  // The port is taken, and a setting of a namespace that is there already is wanted.
  await host.run('ip', ['netns', 'add', 'needy'])
  await samePlans('/run/needy.yaml', [[], ['--accept', 'port-held:tcp/6000']])
  await host.run('ip', ['netns', 'del', 'needy'])
  await host.run('ip', ['link', 'del', 'veth0'])
  await host.run('iptables', ['-F', 'FORWARD'])
  await samePlans(FLASK, [...WAYS.slice(0, 4), ['--destroy']])
})

test('a snapshot vouches for what an interrupted apply had made', async () => {
  const journal = {
    topology: 'needy',
    pid: 1,
    startedAt: '2026-01-01T00:00:00Z',
    creates: ['namespace/needy'],
  }
  await host.run('ip', ['netns', 'add', 'needy'])
  await samePlans('/run/needy.yaml', [[]])
  const foreign = await asNobody(['plan', '/run/needy.yaml', '--live', '/run/live.json'])
  expect(foreign.stderr).toContain('namespace-exists')
  await host.write('/run/nsctl/journal/needy.json', JSON.stringify(journal))
  await host.run('chmod', ['-R', 'go=', '/run/nsctl'])
  await samePlans('/run/needy.yaml', [['--accept', 'port-held:tcp/6000']])
  const vouched = await asNobody(['plan', '/run/needy.yaml', '--live', '/run/live.json'])
  expect(vouched.stderr).not.toContain('namespace-exists')
  await host.run('rm', ['/run/nsctl/journal/needy.json'])
  await host.run('ip', ['netns', 'del', 'needy'])
})

test('a snapshot is the same as long as the host is, and holds no secret', async () => {
  await host.run('sysctl', ['-w', 'net.ipv6.conf.ens5.stable_secret=2001:db8::1'])
  const [first, second] = [await host.nsctl(['snapshot']), await host.nsctl(['snapshot'])]
  expect(second.stdout).toBe(first.stdout)
  expect(first.stdout).not.toContain('stable_secret')
})

test.each([
  ['{"formatVersion":"1.0"', 'it is no whole JSON document'],
  ['name: flask\n', 'it is no whole JSON document'],
  ['[]', 'the document is not an object'],
  ['{"formatVersion":"2.0"}', 'formatVersion is not one that this nsctl reads'],
  ['{"formatVersion":"1.0","host":{"links":{}}}', 'host.links is not a list'],
  [
    '{"formatVersion":"1.0","host":{"links":[{"index":"\\u001b[31m"}]}}',
    'host.links[0].index is not a number',
  ],
])('what is no snapshot is refused: %s', async (text, why) => {
  await host.write('/run/bad.json', text)
  const result = await asNobody(['plan', '/run/flask.yaml', '--live', '/run/bad.json'])
  expect(result).toMatchObject({ exitCode: 65, stdout: '', stderr: expect.stringContaining(why) })
})

test('names from a hostile snapshot are printed escaped', async () => {
  const { stdout } = await host.nsctl(['snapshot'])
  const snapshot = JSON.parse(stdout)
  snapshot.listeners = [{ protocol: 'tcp', address: '*', port: 6000, process: '\u001b]0;evil\u0007' }]
  await host.write('/run/evil.json', JSON.stringify(snapshot))
  const result = await asNobody(['plan', '/run/needy.yaml', '--live', '/run/evil.json'])
  expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('\\u{1b}]0;evil') })
  expect(result.stderr).not.toContain('\u001b')
})

test('a namespace may be called as what every object has', async () => {
  await host.write('/run/odd.yaml', 'name: odd\nnamespaces: { constructor: {}, toString: {} }\n')
  await applyFile(host, '/run/odd.yaml')
  await samePlans('/run/odd.yaml', [['--detailed-exitcode'], ['--destroy']])
  expect((await host.nsctl(['destroy', 'odd', '--yes'])).exitCode).toBe(0)
})
