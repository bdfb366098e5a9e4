import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { nsctlAsNobody } from '../host/nobody.ts'
import { openTerminal } from '../host/terminal.ts'
import {
  applyFile,
  destroy,
  FLASK,
  lastingDifference,
  type PlannedChange,
  topologyFile,
} from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

let host: Host
let before: Picture

beforeAll(async () => {
  host = await createHost()
  before = await picture(host)
})
afterAll(() => host.dispose())

const code = async (...args: string[]) => (await host.nsctl(args)).exitCode

test('wrong usage is 64, and says where help is', async () => {
  const wrong = [
    ['nothing'],
    ['plan'],
    ['apply', FLASK, '--nothing'],
    ['plan', FLASK, '--format', 'runes'],
    ['plan', dirname(FLASK), '--out', '/run/plan'],
    ['destroy', 'flask', '--all'],
    ['watch', FLASK, '--branch', 'next'],
    [],
  ]
  const results = await Promise.all(wrong.map(args => host.nsctl(args)))
  expect(results.map(({ exitCode }) => exitCode)).toEqual(wrong.map(() => 64))
  for (const { stdout, stderr } of results) {
    expect(stdout).toBe('')
    expect(stderr).toMatch(/--help|Usage:|^nsctl: --/)
  }
})

test('an invalid file is 65, with place and reason, and no command is run for it', async () => {
  const file = await topologyFile(host, 'name: wrong\nforwards:\n  - { listen: 6000, to: nobody:80 }\n')
  for (const args of [
    ['validate', file],
    ['plan', file],
    ['apply', file, '--yes'],
  ]) {
    const { exitCode, stdout, stderr } = await host.nsctl(['--log-level', 'trace', ...args])
    expect(exitCode).toBe(65)
    expect(stdout + stderr).toContain(`${file}:3:25: error[`)
    expect(stderr).not.toContain('"command"')
  }
  expect(difference(before, await picture(host))).toEqual([])
})

test('a file that is not there is 1', async () => {
  for (const command of ['validate', 'plan', 'apply']) {
    const result = await host.nsctl([command, '/run/no-such.yaml'])
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no such file') })
  }
})

test.each([
  [['plan', ''], 'nsctl: the name of a topology file is empty\n'],
  [['plan', FLASK, '--live', '/run'], 'nsctl: /run: is a directory, not a snapshot\n'],
  [['pin', '/run'], 'nsctl: /run: is a directory, not a topology file\n'],
])('%j: says what is wrong with it', async (args, stderr) => {
  expect(await host.nsctl(args)).toEqual({ exitCode: 1, stdout: '', stderr })
})

test('an output that is full is 1, and told; one that was closed is 141', async () => {
  const run = (output: string) =>
    host.run('bash', ['-c', `"$0" "$1" schema ${output}`, process.execPath, NSCTL], { reject: false })
  const full = await run('> /dev/full')
  expect(full).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/cannot be written: ENOSPC/) })
  const closed = await run('| true; exit ${PIPESTATUS[0]}')
  expect(closed).toMatchObject({ exitCode: 141, stderr: '' })
})

test('the help of every command has examples', async () => {
  const { stdout } = await host.nsctl(['--help'])
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '')
  expect(commands).toEqual(
    expect.arrayContaining(['validate', 'plan', 'apply', 'destroy', 'list', 'exec', 'sandbox']),
  )
  const named = commands.filter(name => !['help', 'nsctl'].includes(name))
  const helps = await Promise.all(named.map(name => host.nsctl([name, '--help'])))
  helps.forEach(({ exitCode, stdout: help }, i) => {
    expect({ name: named[i], exitCode, help }).toEqual({
      name: named[i],
      exitCode: 0,
      help: expect.stringMatching(new RegExp(`Examples:\\n +.*nsctl ${named[i]}`)),
    })
  })
})

test('plan: 0, with --detailed-exitcode 2; the JSON is as documented, and its counts agree with the text', async () => {
  expect(await code('plan', FLASK)).toBe(0)
  expect(await code('plan', FLASK, '--detailed-exitcode')).toBe(2)
  const plan = JSON.parse((await host.nsctl(['plan', FLASK, '--format', 'json'])).stdout)
  expect(plan).toMatchObject({ formatVersion: '1.0', topology: 'flask' })
  const changes: PlannedChange[] = plan.changes
  expect(changes.find(({ id }) => id === 'namespace/netns1')).toMatchObject({
    action: 'create',
    kind: 'namespace',
    before: null,
    after: { name: 'netns1' },
    reason: 'declared',
    source: { file: FLASK, line: expect.any(Number), column: expect.any(Number) },
  })
  const count = (action: string) => changes.filter(change => change.action === action).length
  expect(plan.summary).toEqual({
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
  })
  expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length)
  const text = (await host.nsctl(['plan', FLASK])).stdout
  const { summary } = plan
  expect(text).toContain(
    `Plan: ${summary.create} to create, ${summary.update} to update, ${summary.replace} to replace, ${summary.delete} to delete.`,
  )
  expect(text.match(/^ *[+~±-] (?!-|\+)[a-z]+ /gm)?.length).toBe(changes.length)
  expect(difference(before, await picture(host))).toEqual([])
})

test('no colour off a terminal', async () => {
  const { stdout, stderr } = await host.nsctl(['plan', FLASK], {
    env: { FORCE_COLOR: '1', TERM: 'xterm-256color' },
  })
  expect(stdout + stderr).not.toContain('\u001b')
})

test('--log-level trace shows every command with its duration', async () => {
  const { stderr } = await host.nsctl(['--log-level', 'trace', 'plan', FLASK])
  const commands = stderr
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
    .filter(({ msg }) => msg === 'command')
  expect(commands.length).toBeGreaterThan(0)
  for (const command of commands)
    expect(command).toMatchObject({
      tool: expect.stringMatching(/^\//),
      args: expect.any(Array),
      ms: expect.any(Number),
    })
})

test('--log-level trace shows what is done in many namespaces, too', async () => {
  const names = Array.from({ length: 5 }, (_, i) => `many${i}`)
  const file = await topologyFile(
    host,
    `name: many
subnets: { lan: { cidr: 10.77.0.0/24, bridge: brmany } }
namespaces: { ${names.map(name => `${name}: {}`).join(', ')} }
veths:
${names.map(name => `  - { subnet: lan, ends: [host, ${name}] }\n`).join('')}`,
  )
  const { stderr } = await host.nsctl(['apply', file, '--log-level', 'trace'])
  await destroy(host)
  const shown = names.map((_, i) => stderr.includes(`addr replace 10.77.0.${i + 2}/24`))
  expect(shown).toEqual(names.map(() => true))
})

describe('what `plan --format commands` prints', () => {
  test('piped to a shell it does what apply does, and the plan to destroy takes it back', async () => {
    await applyFile(host, FLASK)
    const applied = await picture(host)
    await destroy(host)
    const script = (await host.nsctl(['plan', FLASK, '--format', 'commands'])).stdout
    await host.run('sh', ['-e'], { input: script })
    const made = lastingDifference(applied, await picture(host))
    expect(made.filter(line => !line.includes('fe80:'))).toEqual([])
    const undo = (await host.nsctl(['plan', FLASK, '--destroy', '--format', 'commands'])).stdout
    await host.run('sh', ['-e'], { input: undo })
    const left = difference(before, await picture(host))
    expect(left.filter(line => !/ens5 > forwarding: "0" -> "1"/.test(line))).toEqual([])
    await host.run('sysctl', ['-q', '-w', 'net.ipv4.conf.ens5.forwarding=0'])
  })
})

describe('with a topology on the host', () => {
  beforeAll(() => applyFile(host, FLASK))
  afterAll(async () => {
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('list names it, with counts and whether it is in sync', async () => {
    const { stdout } = await host.nsctl(['list', '--format', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      formatVersion: '1.0',
      topologies: [
        { name: 'flask', sync: 'in-sync', counts: { namespace: 2, veth: 2 }, drift: [], file: FLASK },
      ],
    })
    expect((await host.nsctl(['list'])).stdout).toMatch(/^flask\s+2\s+2\s+in-sync/m)
    expect(await code('list', '--detailed-exitcode')).toBe(0)
    await host.run('ip', ['link', 'set', 'veth0', 'down'])
    expect(await code('list', '--detailed-exitcode')).toBe(2)
    const drifted = JSON.parse((await host.nsctl(['list', '--format', 'json'])).stdout)
    expect(drifted.topologies[0]).toMatchObject({
      sync: 'drifted',
      drift: expect.arrayContaining(['veth/netns1/veth1']),
    })
    await applyFile(host, FLASK)
  })

  test('exec ends as its command does, and as `env` where there is none', async () => {
    const ends = await Promise.all([
      code('exec', 'netns1', '--', 'true'),
      code('exec', 'netns1', 'sh', '-c', 'exit 7'),
      code('exec', 'netns1', '--', 'sh', '-c', 'kill -TERM $$'),
      code('exec', 'nowhere', '--', 'true'),
      code('exec', 'netns1', '--', '/etc/passwd'),
      code('exec', 'netns1', '--', 'no-such-command'),
      code('exec', 'netns1', '--', '/no/such/command'),
    ])
    expect(ends).toEqual([0, 7, 143, 125, 126, 127, 127])
    const { stdout } = await host.nsctl([
      'exec',
      'netns1',
      '--',
      'ip',
      '-br',
      'address',
      'show',
      'dev',
      'veth1',
    ])
    expect(stdout).toContain('192.168.0.2/24')
  })

  test.each([
    ['Ctrl-C', '\u0003', 130, /interrupted by SIGINT; nothing was changed/],
    ['Ctrl-D', '\u0004', 1, /declined; nothing was changed/],
    ['y', 'y\r', 1, /declined; nothing was changed/],
  ])('%s where destroy asks changes nothing', async (_, keys, exitCode, told) => {
    const terminal = openTerminal(host, `"${process.execPath}" "${NSCTL}" destroy flask`)
    await terminal.sees(/Only "yes" goes ahead: /)
    terminal.type(keys)
    await terminal.sees(told)
    expect(await terminal.ended).toBe(exitCode)
    expect(await code('plan', FLASK, '--detailed-exitcode')).toBe(0)
  })

  test('destroy of a name that is not there tells those that are', async () => {
    const { exitCode, stdout } = await host.nsctl(['destroy', 'flusk', '--yes'])
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'Nothing of flusk on this host; topologies here: flask.\n',
    })
  })

  test('a plan that deletes needs --yes off a terminal; one that only creates does not', async () => {
    const text = (await host.read(FLASK)).replace(/.*listen: 6001.*\n?/, '')
    const less = await topologyFile(host, text.replace(/.*netns2.*\n/g, '').replace(/.*web2:.*\n/, ''))
    const refused = await host.nsctl(['apply', less])
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--yes') })
    expect(await code('plan', FLASK, '--detailed-exitcode')).toBe(0)
    const more = await topologyFile(host, `${await host.read(FLASK)}  - { listen: 6002, to: netns1:9090 }\n`)
    expect(await code('apply', more)).toBe(0)
    expect(await code('apply', FLASK)).toBe(0)
  })

  test('the snapshot is one JSON document with what there is', async () => {
    const snapshot = JSON.parse((await host.nsctl(['snapshot'])).stdout)
    expect(snapshot).toMatchObject({
      formatVersion: '1.0',
      namespaces: { netns1: {}, netns2: {}, outside: {} },
    })
  })
})

test('another user is told what to do', async () => {
  await host.run('cp', [FLASK, '/run/flask.yaml'])
  for (const args of [
    ['plan', '/run/flask.yaml'],
    ['apply', '/run/flask.yaml'],
    ['destroy', 'flask'],
    ['list'],
  ]) {
    const result = await nsctlAsNobody(host, args)
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/needs root.*sudo/s) })
  }
  const valid = await nsctlAsNobody(host, ['validate', '/run/flask.yaml'])
  expect(valid.exitCode).toBe(0)
})
