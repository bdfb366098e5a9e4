import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const DIRECTORY = '/run/unit'

const small = (name: string, number: number) => `
name: ${name}
uplinks: [ens5]
subnets: { lan: 10.${number}.0.0/24 }
namespaces: { ${name}: {} }
veths:
  - { subnet: lan, ends: [host, ${name}] }
forwards:
  - { listen: ${6000 + number}, to: ${name}:80 }
`

let host: Host
let before: Picture

const file = (name: string, text: string) => host.write(`${DIRECTORY}/${name}.yaml`, text)
const remove = (name: string) => host.run('rm', [`${DIRECTORY}/${name}.yaml`])
const apply = (options = ['--yes']) => host.nsctl(['apply', DIRECTORY, ...options])
const names = async () =>
  JSON.parse((await host.nsctl(['list', '--format', 'json'])).stdout).topologies.map(
    ({ name }: { name: string }) => name,
  )

beforeAll(async () => {
  host = await createHost()
  before = await picture(host)
})
afterAll(() => host.dispose())
afterEach(async () => {
  await host.run('rm', ['-rf', DIRECTORY])
  await host.nsctl(['destroy', '--all', '--yes'])
  expect(difference(before, await picture(host))).toEqual([])
})

test('the files of a directory are planned and applied together; a second plan is empty', async () => {
  await file('a', small('one', 1))
  await file('b', small('two', 2))
  const json = JSON.parse((await host.nsctl(['plan', DIRECTORY, '--format', 'json'])).stdout)
  expect(json.plans).toMatchObject([{ topology: 'one' }, { topology: 'two' }])
  expect((await host.nsctl(['plan', DIRECTORY, '--detailed-exitcode'])).exitCode).toBe(2)
  expect(await apply([])).toMatchObject({ exitCode: 0 })
  expect(await names()).toEqual(['one', 'two'])
  expect(await host.nsctl(['plan', DIRECTORY, '--detailed-exitcode'])).toMatchObject({
    exitCode: 0,
    stdout: 'No changes. one is up to date.\n\nNo changes. two is up to date.\n',
  })
})

test('--flows tells of each file what becomes of its flows', async () => {
  await file('a', small('one', 1))
  await file('b', small('two', 2))
  const flows = async (format: string) =>
    (await host.nsctl(['plan', DIRECTORY, '--flows', '--format', format])).stdout
  const { plans } = JSON.parse(await flows('json'))
  const opened = (number: number, name: string) => [
    { flow: `tcp outside -> host:${6000 + number}`, before: 'unreachable', after: `${name}:80` },
  ]
  expect(plans).toMatchObject([
    { topology: 'one', flows: opened(1, 'one') },
    { topology: 'two', flows: opened(2, 'two') },
  ])
  expect((await flows('text')).match(/unreachable -> \w+:80/g)).toEqual([
    'unreachable -> one:80',
    'unreachable -> two:80',
  ])
  expect(await flows('commands')).toContain(
    '\n# Flows\n#   tcp outside -> host:6001  unreachable -> one:80\n',
  )
})

test('a conflict between files is found before anything is applied', async () => {
  await file('a', small('one', 1))
  await file('b', small('two', 1))
  const refused = await apply()
  expect(refused).toMatchObject({ exitCode: 65, stdout: '' })
  expect(refused.stderr).toMatch(/b\.yaml:\d+:\d+: error\[overlapping-subnets\]/)
  expect(refused.stderr).toMatch(/b\.yaml:\d+:\d+: error\[conflicting-forwards\]/)
  expect(difference(before, await picture(host))).toEqual([])
})

test('a file that goes is the end of its topology: shown, asked about, and of no other', async () => {
  await file('a', small('one', 1))
  await file('b', small('two', 2))
  await apply()
  await host.write('/run/elsewhere.yaml', small('three', 3))
  await host.nsctl(['apply', '/run/elsewhere.yaml'])
  await remove('b')
  const plan = await host.nsctl(['plan', DIRECTORY])
  expect(plan.stdout).toContain('- namespace two')
  expect(await apply([])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--yes') })
  expect(await apply()).toMatchObject({ exitCode: 0 })
  expect(await names()).toEqual(['one', 'three'])
})

test('a topology whose file gets another name stays; what it has goes to another only after it is gone', async () => {
  await file('a', small('one', 1))
  await apply()
  await remove('a')
  await file('z', small('one', 1))
  expect((await host.nsctl(['plan', DIRECTORY, '--detailed-exitcode'])).exitCode).toBe(0)
  await file('z', small('two', 1))
  const plan = await host.nsctl(['plan', DIRECTORY])
  expect(plan).toMatchObject({ exitCode: 0, stderr: '' })
  const done = await apply()
  expect(done).toMatchObject({ exitCode: 0 })
  const changes = (text: string) => text.split('\n').filter(line => /^ *[+~±-] /.test(line))
  expect(changes(plan.stdout)).toEqual(changes(done.stdout))
  expect(await names()).toEqual(['two'])
})

test('an empty directory, or one with a broken file, ends nothing', async () => {
  await file('a', small('one', 1))
  await file('b', small('two', 2))
  await apply()
  const applied = await picture(host)
  await remove('b')
  await file('a', 'name: [')
  expect(await apply()).toMatchObject({ exitCode: 65 })
  await remove('a')
  expect(await apply()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no topology file') })
  expect(difference(applied, await picture(host))).toEqual([])
})

test('a topology without a file that only gives back what it adopted is asked for as well', async () => {
  await host.run('ip', ['netns', 'add', 'theirs'])
  await file('a', small('one', 1))
  await file('b', 'name: two\nnamespaces: { theirs: { adopt: true } }\n')
  expect(await apply()).toMatchObject({ exitCode: 0 })
  await remove('b')
  expect(await apply([])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('add --yes') })
  expect(await names()).toEqual(['one', 'two'])
  expect(await apply()).toMatchObject({ exitCode: 0 })
  expect(await names()).toEqual(['one'])
  await host.run('ip', ['netns', 'del', 'theirs'])
})
