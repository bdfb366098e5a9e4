// A story for somebody who has just cloned the repository, told by the real thing: `npm run demo`. All of it happens in
// a throw-away host. It fails unless everything is as told.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Result } from '../test/kernel/host/holder.ts'
import { difference } from '../test/kernel/oracle/difference.ts'
import { picture } from '../test/kernel/oracle/oracle.ts'

const SELF = fileURLToPath(import.meta.url)
const ROOT = dirname(dirname(SELF))
const NSCTL = `${ROOT}/dist/nsctl.cjs`
const FILE = 'examples/flask.yaml'
const HOST = '203.0.113.10'
const CLIENT = '198.51.100.7'

interface Server {
  process: ChildProcessByStdio<Writable, Readable, null>
  ended: Promise<unknown>
}

let chapter = 0
const colourful = process.stdout.isTTY && !process.env.NO_COLOR
const bold = (text: string) => (colourful ? `\u001b[1m${text}\u001b[22m` : text)
const dim = (text: string) => (colourful ? `\u001b[2m${text}\u001b[22m` : text)

process.chdir(ROOT)
if (process.argv[2] === 'inside') await story()
else enterSandbox()

function enterSandbox(): void {
  const inside = [process.execPath, '--import', 'tsx', SELF, 'inside']
  const { status } = spawnSync(process.execPath, [NSCTL, 'sandbox', '--', ...inside], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}

async function story(): Promise<void> {
  const here = { run, read: async (path: string) => readFileSync(path, 'utf8') }
  const before = await picture(here)

  heading('A host to play with')
  tell(`All of this happens in a sandbox: a host of its own, with an uplink ens5 and beyond it a namespace
"outside", in which a client has the address ${CLIENT}. The real machine does not notice.`)
  await shell('ip', ['-br', 'address'])
  await shell('ip', ['netns'])

  heading('What it is to become')
  await shell('cat', [FILE])

  heading('What nsctl would do about it')
  const plan = await nsctl(['plan', FILE])
  expect(/^Plan: [1-9]\d* to create/m.test(plan.stdout), 'the plan creates something')

  heading('Doing it')
  const apply = await nsctl(['apply', FILE, '--yes'])
  expect(apply.exitCode === 0, 'apply ends with exit code 0')

  heading('Two web servers, both on port 8080, each in its namespace')
  const servers = [await serverIn('netns1'), await serverIn('netns2')]

  heading('The client outside asks the host, which has two ports open')
  const ports = { 6000: 'netns1', 6001: 'netns2' }
  for (const [port, name] of Object.entries(ports)) {
    const answer = await askFrom('outside', `http://${HOST}:${port}/`, CLIENT)
    expect(
      answer === `${name} greets ${CLIENT}\n`,
      `${name} answers at port ${port}, and sees the client's own address`,
    )
  }

  heading('The namespaces reach the outside, as the host')
  servers.push(await serverIn('outside'))
  for (const name of ['netns1', 'netns2']) {
    const answer = await askFrom(name, `http://${CLIENT}:8080/`)
    expect(answer === `outside greets ${HOST}\n`, `outside takes ${name} for the host`)
  }

  heading('They are kept apart, but for what is published')
  const direct = await askFrom('netns1', 'http://192.168.1.2:8080/')
  expect(direct === 'no answer\n', 'netns1 does not get at netns2')
  const published = await askFrom('netns1', `http://${HOST}:6001/`)
  expect(/^netns2 greets /.test(published), "netns1 gets at netns2's published port")

  heading('Asked again, nsctl finds nothing to do')
  const again = await nsctl(['plan', FILE, '--detailed-exitcode'])
  expect(again.exitCode === 0 && /^No changes/m.test(again.stdout), 'the second plan is empty')

  heading('And away with it')
  await Promise.all(servers.map(stop))
  const destroy = await nsctl(['destroy', '--yes'])
  expect(destroy.exitCode === 0, 'destroy ends with exit code 0')
  await shell('ip', ['-br', 'address'])
  await shell('ip', ['netns'])

  heading('Is the host as it was?')
  tell(`Links, addresses, routes, rules, sysctls, both firewalls, mounts and files, from before and now,
in every namespace:`)
  const changes = difference(before, await picture(here))
  for (const line of changes) console.log(`  ${line}`)
  expect(changes.length === 0, 'nothing is left behind, and nothing is missing')
}

function heading(text: string): void {
  chapter += 1
  console.log(`\n${bold(`${chapter}. ${text}`)}\n`)
}

function tell(text: string): void {
  console.log(`${text}\n`)
}

function expect(holds: boolean, what: string): void {
  console.log(`${holds ? '✓' : '✗'} ${what}`)
  if (holds) return
  console.error('\nThat is not as told: the demo has failed.')
  process.exit(1)
}

/** Shows a command and what it really prints. */
async function shell(tool: string, args: string[], shown = [tool, ...args].join(' ')): Promise<Result> {
  console.log(dim(`$ ${shown}`))
  const result = await run(tool, args)
  process.stdout.write(result.stdout)
  process.stdout.write(result.stderr)
  console.log()
  return result
}

function nsctl(args: string[]): Promise<Result> {
  return shell(process.execPath, [NSCTL, ...args], ['nsctl', ...args].join(' '))
}

async function askFrom(namespace: string, url: string, source = ''): Promise<string> {
  const command = [...script('ask'), url, ...(source ? [source] : [])]
  const shown = ['ip', 'netns', 'exec', namespace, 'node', ...command].join(' ')
  const { stdout } = await shell('ip', ['netns', 'exec', namespace, process.execPath, ...command], shown)
  return stdout
}

/** `outside` belongs to no topology, so that plain `ip` starts the server there. */
async function serverIn(namespace: string): Promise<Server> {
  const command = [...script('serve'), namespace, '8080']
  const owned = namespace !== 'outside'
  const enter = owned ? ['nsctl', 'exec', namespace, '--'] : ['ip', 'netns', 'exec', namespace]
  console.log(dim(`$ ${[...enter, 'node', ...command].join(' ')} &`))
  const [file = '', ...args] = owned ? [process.execPath, NSCTL, ...enter.slice(1)] : enter
  const server = spawn(file, [...args, process.execPath, ...command], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(server, 'close')
  const ready = await Promise.race([once(server.stdout, 'data'), ended.then(() => null)])
  expect(ready !== null, `a server listens on port 8080 of ${namespace}`)
  return { process: server, ended }
}

async function stop({ process, ended }: Server): Promise<void> {
  process.stdin.end()
  await ended
}

function script(name: string): string[] {
  return ['--import', 'tsx', `scripts/demo/${name}.ts`]
}

/** Runs a tool to its end; its failure is the caller's to judge. */
async function run(tool: string, args: readonly string[]): Promise<Result> {
  const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  }
  const [exitCode] = await once(child, 'close')
  return { exitCode: exitCode ?? 1, ...output }
}
