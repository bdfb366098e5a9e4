import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Started } from '../host/holder.ts'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { PATIENTLY, slowness } from '../host/patience.ts'
import { applyFile, lastingDifference } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'
import { type Call, type StandIns, standIns } from './stand-in.ts'

const KEPT = `
name: kept
uplinks: [ens5]
subnets: { web-net: 192.168.0.0/24, db-net: 192.168.1.0/24 }
namespaces: { web: {}, db: {} }
veths:
  - { subnet: web-net, ends: [host:veth0, { namespace: web, mac: '02:00:00:00:0c:01' }] }
  - { subnet: db-net, ends: [host:veth1, { namespace: db, mac: '02:00:00:00:0c:02' }] }
forwards:
  - { listen: 6000, to: web:8080 }
`
/** Takes the link of one namespace away, and changes the rest of everything a little. */
const CUTTING = KEPT.replace(
  / {2}- \{ subnet: web-net.*\n/,
  '  - { ends: [{ namespace: web, address: 10.9.0.1/30 }, { namespace: db, address: 10.9.0.2/30 }] }\n',
)
  .replace('web-net: 192.168.0.0/24, ', '')
  .replace('listen: 6000, to: web:8080', 'listen: 6001, to: db')
const OTHER = `
name: other
uplinks: [ens5]
subnets: { lab-net: 192.168.7.0/24 }
namespaces: { lab: {} }
veths:
  - { subnet: lab-net, ends: [host:veth7, { namespace: lab, mac: '02:00:00:00:0c:07' }] }
`

const file = (name: string) => `/run/topologies/${name}.yaml`

let host: Host
let instead: StandIns
let bare: Picture
let kept: Picture
/** A change in the midst of the edit. */
let midst: Call

const sh = (script: string) => host.run('sh', ['-ec', script])
const edit = (seconds: number) => ['apply', file('cutting'), '--yes', '--confirm', `${seconds}s`]
/** Seconds that are over soon, but not before the next steps of a test: on a busy machine these take longer. */
const soon = (seconds: number) => Math.ceil(seconds * slowness())

beforeAll(async () => {
  host = await createHost()
  for (const [name, text] of Object.entries({ kept: KEPT, cutting: CUTTING, other: OTHER }))
    await host.write(file(name), text)
  instead = await standIns(host)
  bare = await picture(host)
  await applyFile(host, file('kept'))
  kept = await picture(host)
  expect(await instead.nsctl(edit(600))).toMatchObject({ exitCode: 0 })
  const changes = (await instead.calls()).filter(({ sort }) => sort === 'change')
  midst = changes[Math.floor(changes.length / 2)] as Call
  await host.nsctl(['rollback', 'kept'])
})
afterAll(() => host.dispose())

beforeEach(async () => {
  if (await exists('/run/nsctl/applied/other.json')) await host.nsctl(['destroy', 'other', '--yes'])
  expect(await host.nsctl(['apply', file('kept'), '--yes'])).toMatchObject({ exitCode: 0 })
})
afterEach(async () => {
  await instead.go()
  if (await isPending()) await host.nsctl(['rollback', 'kept'])
  await reverterIsGone()
})

const exists = async (path: string) =>
  (await host.run('test', ['-e', path], { reject: false })).exitCode === 0
const away = async () => lastingDifference(kept, await picture(host))

const REVERTERS = `grep -slz '^revert$' /proc/[0-9]*/cmdline | wc -l`
const reverters = async () => Number((await sh(REVERTERS)).stdout)
const reverterIsGone = () => until(async () => (await reverters()) === 0, 'no reverter')
const isPending = () => exists('/run/nsctl/journal/kept.json')
const isOver = async () => {
  await until(async () => !(await isPending()), 'the apply is not pending any more')
  await reverterIsGone()
}
const isReverted = async () => {
  await isOver()
  expect(await away()).toEqual([])
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const limit = Date.now() + PATIENTLY; !(await holds()); await sleep(50)) {
    if (Date.now() > limit) throw new Error(`waited in vain until: ${what}`)
  }
}

const listed = async () => JSON.parse((await host.nsctl(['list', '--format', 'json'])).stdout).topologies
const syncOf = async (name: string) =>
  (await listed()).find((one: { name: string }) => one.name === name)?.sync

describe('an apply that waits', () => {
  test('is shown by list and status, with its deadline', async () => {
    const { stdout } = await host.nsctl(edit(600))
    expect(stdout).toMatch(/To keep it: nsctl confirm kept\n.*taken back in 600 s, at 2\d{3}-/)
    const { stdout: list } = await host.nsctl(['list'])
    expect(list).toMatch(/^kept .*unconfirmed until 2\d{3}-/m)
    expect((await host.nsctl(['status', 'kept'])).stdout).toMatch(/^kept {2}unconfirmed until 2\d{3}-/)
    expect((await host.nsctl(['list', '--detailed-exitcode'])).exitCode).toBe(2)
    expect(await reverters()).toBe(1)
  })

  test('blocks apply and destroy of it, says the ways out, and lets plan and other topologies go ahead', async () => {
    await host.nsctl(edit(600))
    const waiting = await picture(host)
    for (const args of [
      ['apply', file('kept'), '--yes'],
      ['apply', file('cutting'), '--yes', '--confirm', '5s'],
      ['destroy', 'kept', '--yes'],
      ['destroy', '--all', '--yes'],
    ]) {
      expect(await host.nsctl(args)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(
          /kept: an apply waits for confirmation until 2\d{3}-.*; first nsctl confirm kept, or nsctl rollback kept; nothing was changed/,
        ),
      })
    }
    expect(difference(waiting, await picture(host))).toEqual([])
    expect((await host.nsctl(['plan', file('kept'), '--detailed-exitcode'])).exitCode).toBe(2)
    await applyFile(host, file('other'))
    expect(await syncOf('other')).toBe('in-sync')
  })

  test('confirmed, it stays, and nobody takes it back', async () => {
    await host.nsctl(edit(600))
    const applied = await picture(host)
    expect(await host.nsctl(['confirm'])).toMatchObject({ exitCode: 0 })
    await reverterIsGone()
    expect(lastingDifference(applied, await picture(host))).toEqual([])
    expect(await syncOf('kept')).toBe('in-sync')
    expect((await host.nsctl(['confirm'])).exitCode).toBe(1)
  })

  test('taken back by hand, the host is as before, and history tells', async () => {
    const status = async () => JSON.parse((await host.nsctl(['status', 'kept', '--format', 'json'])).stdout)
    const earlier = (await status()).history
    await host.nsctl(edit(600))
    expect(await host.nsctl(['rollback', 'kept'])).toMatchObject({ exitCode: 0 })
    await isReverted()
    const { history, sync } = await status()
    expect(sync).toBe('in-sync')
    expect(history[0].rolledBackAt).toMatch(/^2\d{3}-/)
    expect(history.slice(1)).toEqual(earlier.slice(0, 19))
  })
})

describe('nobody confirms', () => {
  test('it is taken back', async () => {
    expect(await host.nsctl(edit(soon(1)))).toMatchObject({ exitCode: 0 })
    await isReverted()
  })

  test('a first apply is taken back to nothing', async () => {
    await host.nsctl(['destroy', 'kept', '--yes'])
    expect(await host.nsctl(['apply', file('kept'), '--confirm', `${soon(1)}s`])).toMatchObject({
      exitCode: 0,
    })
    await isOver()
    expect(difference(bare, await picture(host))).toEqual([])
  })

  test('what another topology has come to share meanwhile stays for it', async () => {
    await host.nsctl(['destroy', 'kept', '--yes'])
    await host.nsctl(['apply', file('kept'), '--confirm', `${soon(3)}s`])
    await applyFile(host, file('other'))
    await isOver()
    expect(await syncOf('other')).toBe('in-sync')
    expect((await host.nsctl(['plan', file('other'), '--detailed-exitcode'])).exitCode).toBe(0)
    expect((await host.read('/proc/sys/net/ipv4/conf/ens5/forwarding')).trim()).toBe('1')
    await host.nsctl(['destroy', 'other', '--yes'])
    expect(difference(bare, await picture(host))).toEqual([])
  })

  test('an edit is taken back although another topology has come to share what it held', async () => {
    await host.nsctl(edit(600))
    await applyFile(host, file('other'))
    expect(await host.nsctl(['rollback', 'kept'])).toMatchObject({ exitCode: 0 })
    expect((await host.nsctl(['plan', file('kept'), '--detailed-exitcode'])).exitCode).toBe(0)
    expect(await syncOf('other')).toBe('in-sync')
  })

  test('an edit is taken back although a process has come to live in a namespace', async () => {
    await host.nsctl(edit(600))
    const process = await host.start('sleep', ['1000'], { namespace: 'db' })
    expect(await host.nsctl(['rollback', 'kept'])).toMatchObject({ exitCode: 0 })
    await process.stop()
    await isReverted()
  })

  test('an apply that fails is rolled back at once, and leaves no reverter', async () => {
    const result = await instead.nsctl(edit(600), { at: midst, unit: 1, act: 'fail-before' })
    expect(result.exitCode).toBe(3)
    expect(await isPending()).toBe(false)
    await isReverted()
  })
})

describe('whatever becomes of nsctl', () => {
  const startEdit = async (seconds: number, through?: string[]): Promise<Started> => {
    const started = await instead.start(edit(soon(seconds)), { at: midst, unit: 1, act: 'wait' }, through)
    await instead.waiting()
    return started
  }

  test('killed while it applies: taken back', async () => {
    const applying = await startEdit(1)
    applying.kill('SIGKILL')
    await applying.ended
    await instead.go()
    expect(await syncOf('kept')).toMatch(/interrupted|in-sync/)
    await isReverted()
  })

  test('its whole session killed while it applies: taken back', async () => {
    const applying = await startEdit(1, ['setsid', '--wait'])
    await sh('kill -KILL $(ps -o pid= -s $(ps -o sid= -p $(cat /run/stand-ins/pid)))')
    await applying.ended
    await instead.go()
    await isReverted()
  })

  test('killed while it applies, and applied again: the later one counts, and is not taken back', async () => {
    const applying = await startEdit(2)
    applying.kill('SIGKILL')
    await applying.ended
    await instead.go()
    expect(await host.nsctl(['apply', file('cutting'), '--yes'])).toMatchObject({ exitCode: 0 })
    await reverterIsGone()
    expect((await host.nsctl(['plan', file('cutting'), '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('its terminal hangs up while it applies: rolled back at once', async () => {
    const terminal = await host.start('script', ['--quiet', '--command', onTerminal(600), '/dev/null'], {
      env: { PATH: `/run/stand-ins:${process.env.PATH}` },
    })
    await until(isPending, 'pending')
    terminal.kill('SIGKILL')
    await terminal.ended
    await isReverted()
  })

  test('its terminal hangs up once it waits: taken back when the time is over', async () => {
    const shell = `${onTerminal(soon(2))}; sleep 1000`
    const terminal = await host.start('script', ['--quiet', '--command', shell, '/dev/null'], {
      ready: /To keep it/,
    })
    terminal.kill('SIGKILL')
    await terminal.ended
    expect(await isPending()).toBe(true)
    await isReverted()
  })

  test('its terminal takes no more output: taken back, the lock is not kept', async () => {
    // Filled before nsctl begins, and read by nobody: what reads it is stopped.
    const full = `touch /run/terminal-is-up; timeout 1 cat /dev/zero; exec ${onTerminal(soon(1))}`
    const terminal = `script --quiet --command '${full}' /dev/null > /dev/null & while [ ! -e /run/terminal-is-up ]; do sleep 0.02; done; kill -STOP $!; echo "script is $!"; wait`
    const shell = await host.start('sh', ['-c', terminal], { ready: /script is/ })
    await until(isPending, 'pending')
    await isReverted()
    await sh(`kill -KILL ${/\d+/.exec(shell.stdout())?.[0]}`)
    await shell.ended
  })

  test('the reverter killed: said by list and by who is refused, and rollback does its work', async () => {
    await host.nsctl(edit(soon(1)))
    await sh(`kill -KILL $(grep -slz '^revert$' /proc/[0-9]*/cmdline | cut -d / -f 3)`)
    await until(async () => {
      const refused = await host.nsctl(['apply', file('kept'), '--yes'])
      expect(refused.exitCode).toBe(1)
      return /since before 2.*when it should have been taken back; first nsctl confirm/.test(refused.stderr)
    }, 'it is late')
    expect(await syncOf('kept')).toBe('unconfirmed')
    expect(await host.nsctl(['rollback'])).toMatchObject({ exitCode: 0 })
    await isReverted()
  })

  const onTerminal = (seconds: number) => [process.execPath, NSCTL, ...edit(seconds)].join(' ')
})

describe('the lock is held when the time is over', () => {
  const HELD = ['--exclusive', '--no-fork', '/run/nsctl/lock', 'sh', '-c', 'echo held; exec sleep 1000']

  test('it is taken back as soon as the lock is free', async () => {
    await host.nsctl(edit(soon(1)))
    const holder = await host.start('flock', HELD, { ready: /held/ })
    await until(
      async () =>
        (await sh('ls -A /proc/*/fd -l 2>/dev/null | grep -c "/run/nsctl/lock"')).stdout.trim() !== '1',
      'the reverter waits',
    )
    expect(await isPending()).toBe(true)
    await holder.stop()
    await isReverted()
  })

  test('by a question that nobody answers: that ends in time', async () => {
    await applyFile(host, file('other'))
    await host.nsctl(edit(soon(3)))
    const asking = [process.execPath, NSCTL, 'destroy', 'other'].join(' ')
    const terminal = await host.start('script', ['--quiet', '--return', '--command', asking, '/dev/null'], {
      ready: /Only "yes" goes ahead/,
    })
    await isOver()
    expect(await terminal.ended).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('other: no answer while there was time'),
    })
    expect(await syncOf('other')).toBe('in-sync')
  })
})

test('a rollback that fails is tried again until it has worked', async () => {
  const tool = '/run/stand-ins/iptables-nft-restore'
  const broken = `[ ! -e /run/stand-ins/broken ] || { touch /run/stand-ins/tried; exit 2; }`
  await sh(`cp ${tool} ${tool}.kept; sed -i '2i ${broken}' ${tool}`)
  try {
    await instead.nsctl(edit(soon(1)))
    await sh('touch /run/stand-ins/broken')
    await sh('while [ ! -e /run/stand-ins/tried ]; do sleep 0.02; done')
    expect(await isPending()).toBe(true)
    await sh('rm /run/stand-ins/broken')
    await isReverted()
  } finally {
    await sh(`mv ${tool}.kept ${tool}`)
  }
})

test('a crash of another topology meanwhile is not what confirm, or the reverter, means', async () => {
  const apply = ['apply', file('other'), '--yes']
  expect(await instead.nsctl(apply)).toMatchObject({ exitCode: 0 })
  const at = (await instead.calls()).findLast(({ sort }) => sort === 'change') as Call
  await host.nsctl(['destroy', 'other', '--yes'])
  const crashed = await instead.nsctl(apply, { at, unit: 1, act: 'kill-before' })
  expect(crashed.exitCode).toBe(137)
  expect(await syncOf('other')).toBe('interrupted')
  await host.nsctl(edit(soon(2)))
  const ambiguous = await host.nsctl(['rollback'])
  expect(ambiguous).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('kept, other; name one') })
  await isOver()
  expect(await syncOf('other')).toBe('interrupted')
  await host.nsctl(edit(600))
  expect(await host.nsctl(['confirm'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('kept is confirmed'),
  })
  expect(await syncOf('other')).toBe('interrupted')
  await applyFile(host, file('other'))
})

/** A shell for whoever connects, as sshd has it. */
const SHELL_SERVER = `
require('node:net').createServer(client => {
  const stdio = [client, client, client]
  require('node:child_process').spawn('sh', [], { stdio }).on('exit', () => client.destroy())
}).listen(2222, () => console.log('ready'))`

/** Sends a line to it, and prints what comes back. */
const SHELL_CLIENT = `
const socket = require('node:net').connect(2222, '192.168.0.1')
socket.on('data', data => process.stdout.write(data)).on('error', error => console.log(error.code))
socket.write(process.argv[1] + '\\n')`

test('who applies through a connection that the change cuts gets it back', async () => {
  const server = await host.start(process.execPath, ['-e', SHELL_SERVER], { ready: /ready/ })
  const command = `${[process.execPath, NSCTL, ...edit(soon(2))].join(' ')}; echo back again, exit code $?`
  const client = await host.start(process.execPath, ['-e', SHELL_CLIENT, command], {
    namespace: 'web',
    ready: /Plan: /,
  })
  const reach = async () =>
    (await host.get({ from: 'web', address: '192.168.0.1', port: 2222, timeout: 300 })).error
  await until(async () => (await reach()) === 'ENETUNREACH', 'the change has cut the connection')
  expect(await isPending()).toBe(true)
  expect(client.stdout()).not.toContain('back again')
  await isReverted()
  await until(
    async () => /To keep it: nsctl confirm.*back again, exit code 0/s.test(client.stdout()),
    'the connection goes on',
  )
  await client.stop()
  await server.stop()
})
