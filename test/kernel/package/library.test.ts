import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const EXAMPLES = join(ROOT, 'examples/library')

/** An empty project outside of the repository, with the packed package as its only dependency. */
let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'nsctl-library-'))
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/library.ts'], { cwd: ROOT, stdio: 'pipe' })
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', project)
  const [tarball = ''] = readdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', type: 'module' }))
  npm(project, 'install', `./${tarball}`, '--offline', '--ignore-scripts', '--omit=optional')
}, 600_000)
afterAll(() => rmSync(project, { recursive: true }))

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', [...args, '--silent', '--no-audit', '--no-fund'], { cwd, stdio: 'pipe' })
}

/** Compiles files of the project as strictly as can be; the declarations that they import are checked, too. */
function compile(files: string[], options: object): string {
  const compilerOptions = { strict: true, skipLibCheck: false, target: 'es2022', types: [], ...options }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { stdout } = spawnSync(process.execPath, [TSC, '-p', project], { encoding: 'utf8' })
  return stdout
}

describe('the declarations', () => {
  const CALLS = `
import { apply, type ApplyOutcome, destroy, loadTopology, plan, readHost, type Plan } from 'nsctl'

const loaded = loadTopology('name: lab', { environment: {} })
// @ts-expect-error: only what is valid has a topology
loaded.topology
if (loaded.kind === 'valid') {
  const { topology } = loaded
  const made: Plan = plan(topology, await readHost({ topology }))
  const names: string[] = made.changes.map(({ id }) => id)
  const outcome: ApplyOutcome = await apply(topology, { confirm: 60, onProgress: ({ kind }) => void [kind, names] })
  if (outcome.kind === 'rolledBack') outcome.failure.message.trim()
  // @ts-expect-error: there is no such outcome
  if (outcome.kind === 'applied-partly') throw outcome
  // @ts-expect-error: a topology, not a text
  await apply('name: lab')
  await destroy(topology.name)
}
`

  test.each([
    { module: 'node16', moduleResolution: 'node16' },
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ])('are what a program without any other types compiles against: $moduleResolution', options => {
    writeFileSync(join(project, 'calls.ts'), CALLS)
    expect(compile(['calls.ts'], { ...options, noEmit: true })).toBe('')
  })

  test('come with the schema', () => {
    const program = `import schema from 'nsctl/schema' with { type: 'json' }; schema.$defs.subnet satisfies object`
    writeFileSync(join(project, 'schema.ts'), program)
    const options = { module: 'nodenext', resolveJsonModule: true, noEmit: true }
    expect(compile(['schema.ts'], options)).toBe('')
  })
})

test('a CommonJS program can require it', () => {
  const program = "console.log(typeof require('nsctl').apply)"
  const options = { cwd: project, encoding: 'utf8', input: program } as const
  expect(execFileSync(process.execPath, ['--no-warnings', '--input-type=commonjs', '-'], options)).toBe(
    'function\n',
  )
})

describe('the examples', () => {
  const names = readdirSync(EXAMPLES)

  beforeAll(() => {
    mkdirSync(join(project, 'node_modules/@types'), { recursive: true })
    for (const name of ['@types/node', 'undici-types'])
      symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name))
    for (const name of names) writeFileSync(join(project, name), readFileSync(join(EXAMPLES, name)))
    expect(compile(names, { module: 'nodenext', types: ['node'] })).toBe('')
  })

  const run = async (host: Host, program: string, ...args: string[]) => {
    const options = { cwd: project, reject: false }
    const result = await host.run(process.execPath, [join(project, program), ...args], options)
    return { ...result, stdout: result.stdout.replace(/^step .*\n/gm, '') }
  }

  test('previews: what reaches what it needs is kept, and nothing is taken away', async () => {
    await using host = await createHost()
    const first = await run(host, 'previews.js', '198.51.100.7', 'main=6000', 'pull-17=6001')
    expect(first).toEqual({ exitCode: 0, stdout: 'confirmed\n', stderr: '' })
    expect((await host.nsctl(['status', 'previews'])).stdout).toContain('pull-17')

    const again = await run(host, 'previews.js', '198.51.100.7', 'main=6000', 'pull-17=6001')
    expect(again).toEqual({ exitCode: 0, stdout: 'unchanged\n', stderr: '' })
    const less = await run(host, 'previews.js', '198.51.100.7', 'main=6000')
    expect(less).toEqual({ exitCode: 1, stdout: 'refused: it would delete something\n', stderr: '' })
  })

  test('previews: what does not is rolled back, and nothing is left', async () => {
    await using host = await createHost()
    const before = await picture(host)
    const { exitCode, stdout } = await run(host, 'previews.js', '192.0.2.1', 'main=6000')
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'main cannot reach 192.0.2.1: rolledBack\n' })
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('previews: if nobody confirms, the installed nsctl rolls back', async () => {
    await using host = await createHost()
    const before = await picture(host)
    const program = `
      import { apply, loadTopology } from 'nsctl'
      const { topology } = loadTopology('{ name: lab, namespaces: { one: {} }, subnets: { net: 10.9.0.0/24 }, veths: [{ subnet: net, ends: [host, one] }] }')
      const { kind } = await apply(topology, { confirm: 1 })
      console.log(kind)`
    const args = ['--input-type=module', '--eval', program]
    expect((await host.run(process.execPath, args, { cwd: project })).stdout).toBe('applied\n')
    await expect.poll(async () => difference(before, await picture(host)), { timeout: 60_000 }).toEqual([])
  })

  test('drift: a host is as declared, or not', async () => {
    await using host = await createHost()
    const file = join(ROOT, 'examples/flask.yaml')
    expect((await run(host, 'drift.js', file)).exitCode).toBe(2)
    await host.nsctl(['apply', file, '--yes'])
    expect(await run(host, 'drift.js', file)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    await host.run('ip', ['link', 'set', 'veth0', 'mtu', '1400'])
    const { exitCode, stdout } = await run(host, 'drift.js', file)
    expect({ exitCode, stdout }).toEqual({
      exitCode: 2,
      stdout: 'update veth/netns1/veth1 ends (line 14)\n',
    })
  })
})
