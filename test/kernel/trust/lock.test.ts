import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Started } from '../host/holder.ts'
import { type Arena, arena, awayFrom, type Story, toBare, toEnd } from './arena.ts'
import type { Call } from './stand-in.ts'
import { STORIES } from './stories.ts'

let here: Arena
/** A restore of the apply, in the midst of it. */
let restore: Call

beforeAll(async () => {
  here = await arena(STORIES.find(({ name }) => name === 'apply flask') as Story)
  restore = here.calls.find(({ key }) => key.startsWith('iptables-nft-restore')) as Call
})
afterAll(() => here.host.dispose())
beforeEach(() => toBare(here))

const waitingApply = async (): Promise<Started> => {
  const started = await here.standIns.start(here.args, { at: restore, unit: 1, act: 'wait' })
  await here.standIns.waiting()
  return started
}

const expectBare = async () => expect(await awayFrom(here, 'bare')).toEqual([])
const expectEnd = async () => expect(await awayFrom(here, 'end')).toEqual([])

describe('while one apply is at work', () => {
  test('apply and destroy are refused and told who has the lock; plan is not', async () => {
    const first = await waitingApply()
    for (const args of [here.args, ['destroy', 'flask', '--yes']]) {
      const refused = await here.host.nsctl([...args, '--lock-timeout', '0'])
      expect(refused.exitCode).toBe(6)
      const holder = /another nsctl holds the lock: pid (\d+) \(nsctl apply .*to\.yaml --yes\)/.exec(
        refused.stderr,
      )
      expect(await here.host.read(`/proc/${holder?.[1]}/cmdline`)).toContain('nsctl.cjs')
    }
    expect((await here.host.nsctl(['plan', '/run/topologies/to.yaml'])).exitCode).toBe(0)
    await here.standIns.go()
    expect((await first.ended).exitCode).toBe(0)
    await expectEnd()
  })

  test('a destroy that waits for it takes everything away after it', async () => {
    const first = await waitingApply()
    const second = here.host.nsctl(['destroy', 'flask', '--yes'])
    await here.standIns.go()
    expect((await first.ended).exitCode).toBe(0)
    expect(await second).toMatchObject({ exitCode: 0 })
    await expectBare()
  })
})

test('one that was killed does not block, nor does what it had still running come after the next', async () => {
  const first = await waitingApply()
  first.kill('SIGKILL')
  await first.ended
  // Its restore still waits, as for the xtables lock, and then goes through.
  const next = here.host.nsctl(['destroy', 'flask', '--yes'])
  await here.standIns.go()
  expect(await next).toMatchObject({ exitCode: 0 })
  await expectBare()
})

describe('the xtables lock is held by another', () => {
  const legacy = ['--iptables', 'legacy']
  const holding = () =>
    here.host.start(
      'flock',
      ['--exclusive', '--no-fork', '/run/xtables.lock', 'sh', '-c', 'echo held; exec sleep 1000'],
      {
        ready: /held/,
      },
    )

  test('legacy waits for it, then fails clearly, and leaves nothing', async () => {
    const holder = await holding()
    const result = await here.host.nsctl([...here.args, ...legacy])
    await holder.stop()
    expect(result).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/ip6?tables-legacy-restore.*xtables lock/is),
    })
    expect((await awayFrom(here, 'bare')).filter(line => !/xtables\.lock/.test(line))).toEqual([])
  })

  test('legacy goes on once it is let go', async () => {
    const holder = await holding()
    const applying = here.host.nsctl([...here.args, ...legacy])
    await here.host.run('sh', [
      '-ec',
      'while ! grep -qs nsctl:flask /sys/class/net/*/ifalias && ! pgrep -f tables-legacy-restore > /dev/null; do sleep 0.02; done',
    ])
    await holder.stop()
    expect(await applying).toMatchObject({ exitCode: 0 })
    expect(await here.host.nsctl(['destroy', 'flask', '--yes', ...legacy])).toMatchObject({ exitCode: 0 })
    await expectBare()
  })
})

test('many at once, of all sorts: nothing is lost and nothing left', async () => {
  const heap = await Promise.all([
    here.host.nsctl(here.args),
    here.host.nsctl(['plan', '/run/topologies/to.yaml']),
    here.host.nsctl(['destroy', 'flask', '--yes']),
    here.host.nsctl(here.args),
    here.host.nsctl(['list']),
    here.host.nsctl(here.args),
  ])
  expect(heap.map(({ exitCode, stderr }) => `${exitCode}${stderr}`)).toEqual(['0', '0', '0', '0', '0', '0'])
  await toEnd(here)
  await expectEnd()
})

describe('flock', () => {
  const flock = { key: '', nth: 1, sort: 'read', units: 1 } as Call
  beforeAll(() => {
    flock.key = here.calls.find(({ key }) => key.startsWith('flock'))?.key ?? ''
  })

  test('fails by itself: that is not told as a lock that somebody else has', async () => {
    const result = await here.standIns.nsctl(here.args, { at: flock, unit: 1, act: 'fail-before' })
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/cannot lock .*exit code 2/s) })
    await expectBare()
  })

  test('ends, and a signal comes when all is done: it stays, and the exit code says so', async () => {
    const fault = { at: flock, unit: 1, act: 'signal-after', signal: 'INT' } as const
    expect(await here.standIns.nsctl(here.args, fault)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('SIGINT: what is done stays'),
    })
    expect(await here.standIns.wasHit()).toBe(true)
    await expectEnd()
  })
})
