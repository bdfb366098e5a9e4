import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Started } from '../host/holder.ts'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { applyFile, destroy, FLASK, lastingDifference, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'
import { type Fault, standIns } from './stand-in.ts'

let host: Host
let before: Picture
let applied: Picture
/** The example, with MACs that do not change: link-local addresses follow from them. */
let file: string

/** Where tools are looked for first, so that what is there stands in for them. */
const STAND_INS = '/run/stand-ins'
const env = { PATH: `${STAND_INS}:${process.env.PATH}` }

const sh = (script: string) => host.run('sh', ['-ec', script])

/** Changes that the stand-in lets pass before its fault: more than any apply here needs, to count them. */
const NEVER = 1000

/**
 * Puts scripts in the place of `ip` and `iptables-nft-restore`, which count the calls that change something: from the
 * nth on, or only then, they do what the fault says. `real` in a fault is the tool itself with its arguments.
 */
async function standIn(nth: number, fault: string, { once = true } = {}): Promise<void> {
  await sh(`rm -rf ${STAND_INS}; mkdir -m 755 ${STAND_INS}`)
  for (const tool of ['ip', 'ip6tables-nft-restore', 'iptables-nft-restore']) {
    const script = `#!/bin/sh
real() { /usr/sbin/${tool} "$@"; }
case " $* " in *" -j "*) exec /usr/sbin/${tool} "$@";; esac
echo "${tool} $*" >> ${STAND_INS}/calls
if [ "$(wc -l < ${STAND_INS}/calls)" -ge ${nth} ]; then
  if ${once ? `mkdir ${STAND_INS}/hit 2>/dev/null` : `mkdir -p ${STAND_INS}/hit`}; then ${fault}
  fi
fi
exec /usr/sbin/${tool} "$@"
`
    await host.write(`${STAND_INS}/${tool}`, script)
  }
  await sh(`chmod 755 ${STAND_INS}/*`)
}

const wasHit = async () =>
  (await host.run('test', ['-d', `${STAND_INS}/hit`], { reject: false })).exitCode === 0

const FAULTS: Record<string, string> = {
  fails: 'cat > /dev/null; echo "stand-in: no" >&2; exit 2',
  'fails although it has done its work': 'real "$@"; echo "stand-in: no" >&2; exit 2',
  'is killed': 'kill -KILL $$',
}
const KILLS_NSCTL = 'kill -KILL $PPID; exit 1'
const WAITS = `touch ${STAND_INS}/waiting; while [ ! -e ${STAND_INS}/go ]; do sleep 0.02; done; exec /usr/sbin/$(basename "$0") "$@"`

const apply = (...args: string[]) =>
  host.nsctl(['apply', file, '--yes', '--iptables', 'nft', ...args], { env })

const startApply = () =>
  host.start(process.execPath, [NSCTL, 'apply', file, '--yes', '--iptables', 'nft'], { env })

const isWaiting = (started: Started) =>
  Promise.race([
    sh(`while [ ! -e ${STAND_INS}/waiting ]; do sleep 0.02; done`),
    started.ended.then(({ stdout, stderr }) => {
      throw new Error(`ended before it waited: ${stdout}${stderr}`)
    }),
  ])

const asBefore = async () => expect(difference(before, await picture(host))).toEqual([])
const asApplied = async () => expect(lastingDifference(applied, await picture(host))).toEqual([])

let calls: number

beforeAll(async () => {
  host = await createHost()
  before = await picture(host)
  const text = (await readFile(FLASK, 'utf8'))
    .replace('netns1:veth1', "{ namespace: netns1, interface: veth1, mac: '02:00:00:00:00:01' }")
    .replace('netns2:veth3', "{ namespace: netns2, interface: veth3, mac: '02:00:00:00:00:03' }")
  file = await topologyFile(host, text)
  await standIn(NEVER, 'true')
  expect(await apply()).toMatchObject({ exitCode: 0 })
  calls = (await host.read(`${STAND_INS}/calls`)).trim().split('\n').length
  applied = await picture(host)
  await destroy(host)
})
afterAll(() => host.dispose())

beforeEach(async () => {
  await sh(`rm -rf ${STAND_INS}`)
})
afterEach(async () => {
  await sh(`mkdir -p ${STAND_INS}; touch ${STAND_INS}/go`)
})

/** Every change of an apply of the example; that there are no more is tested. */
const EVERY = [1, 2, 3, 4, 5, 6, 7, 8]

test('the faults below are put at every change that an apply makes', () => {
  expect(calls).toBe(EVERY.length)
})

describe.each(Object.entries(FAULTS))('a command %s', (_, fault) => {
  test.each(EVERY)('at change %i: rolled back, and said so', async nth => {
    await standIn(nth, fault)
    const result = await apply()
    expect(await wasHit()).toBe(true)
    expect(result).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('everything was rolled back'),
    })
    await asBefore()
  })
})

describe('nsctl is killed', () => {
  test.each(EVERY)('at change %i: the next apply converges, and destroy gives the host back', async nth => {
    await standIn(nth, KILLS_NSCTL)
    expect((await apply()).exitCode).toBe(137)
    await applyFile(host, file)
    await asApplied()
    await destroy(host)
    await asBefore()
  })

  test.each(EVERY)('at change %i: destroy gives the host back', async nth => {
    await standIn(nth, KILLS_NSCTL)
    expect((await apply()).exitCode).toBe(137)
    await destroy(host)
    await asBefore()
  })
})

describe('while there is a topology', () => {
  beforeEach(() => applyFile(host, file))
  afterAll(() => destroy(host))

  test('destroy fails: all of it is put back', async () => {
    await standIn(3, FAULTS.fails ?? '')
    const result = await host.nsctl(['destroy', 'flask', '--yes'], { env })
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('rolled back') })
    await asApplied()
  })

  test('destroy is killed: the next one finishes', async () => {
    await standIn(3, KILLS_NSCTL)
    expect((await host.nsctl(['destroy', 'flask', '--yes'], { env })).exitCode).toBe(137)
    await destroy(host, ['flask'])
    await asBefore()
  })
})

test('what fails once the new record is written puts the old one back', async () => {
  const instead = await standIns(host)
  await applyFile(host, file)
  const record = await host.read('/run/nsctl/applied/flask.json')
  const edited = `${file}.edited.yaml`
  await host.write(edited, (await host.read(file)).replace('6001', '6002'))
  const edit = (fault: Fault | null) => instead.nsctl(['apply', edited, '--yes', '--iptables', 'nft'], fault)
  expect(await edit(null)).toMatchObject({ exitCode: 0 })
  const journalGoes = (await instead.files()).findIndex(change => /^rmSync .*journal/.test(change))
  await applyFile(host, file)
  await host.write('/run/nsctl/applied/flask.json', record)

  const result = await edit({ file: journalGoes + 1, act: 'fail', code: 'EIO' })
  expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('EIO') })
  expect(await instead.wasHit()).toBe(true)
  expect(await host.read('/run/nsctl/applied/flask.json')).toBe(record)
  await asApplied()
  await destroy(host)
})

describe('the rollback fails too', () => {
  test('what is left is listed, and the next apply converges', async () => {
    await standIn(5, FAULTS.fails ?? '', { once: false })
    const result = await apply()
    expect(result.exitCode).toBe(4)
    expect(result.stderr).toContain('this is left to do:')
    expect(result.stderr).toMatch(/^\s*- namespace netns1/m)
    expect(result.stderr).toContain('incomplete')
    await applyFile(host, file)
    await asApplied()
    await destroy(host)
    await asBefore()
  })
})

describe('--no-rollback', () => {
  test('what a failing apply did stays, what is left is listed, and the next apply goes on', async () => {
    await standIn(5, FAULTS.fails ?? '')
    const result = await apply('--no-rollback')
    expect(result.exitCode).toBe(4)
    expect(result.stderr).toMatch(/nothing is taken back; this is left to do:\n.*^Plan: \d+ to create/ms)
    expect(result.stderr).toContain('apply again to go on, or nsctl rollback flask')
    expect(result.stderr).not.toContain('rolling')
    const { stdout } = await host.nsctl(['list'])
    expect(stdout).toMatch(/^flask .*interrupted/m)
    await applyFile(host, file)
    await asApplied()
    await destroy(host)
    await asBefore()
  })

  test('rollback takes it back after all', async () => {
    await standIn(5, FAULTS.fails ?? '')
    expect((await apply('--no-rollback')).exitCode).toBe(4)
    expect(await host.nsctl(['rollback', 'flask'])).toMatchObject({ exitCode: 0 })
    await asBefore()
  })

  test('with --confirm it is wrong usage: one takes back what the other leaves', async () => {
    expect((await apply('--no-rollback', '--confirm', '60s')).exitCode).toBe(64)
    await asBefore()
  })
})

describe('a command says it succeeded, and has done nothing', () => {
  test.each([
    ['iptables-nft-restore', 'publish', /chain NSCTL-flask-DST/],
    ['ip -n netns1', 'configure', /address 192\.168\.0\.2\/24/],
  ])('%s at %s: each difference is reported, and all is rolled back', async (tool, _, difference) => {
    await standIn(
      1,
      `case "$(basename "$0") $*" in "${tool} "*) input=$(cat); case "$input" in
        *NSCTL-flask-DST*|*192.168.0.2*) exit 0;; esac
        printf '%s\\n' "$input" | real "$@"; exit;;
      esac`,
      { once: false },
    )
    const result = await apply()
    expect(result).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('the commands succeeded, but the host is not as planned'),
    })
    expect(result.stderr).toMatch(difference)
    await asBefore()
  })
})

describe('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s: the command in hand is finished, everything is rolled back, exit code %i',
    async (signal, code) => {
      await standIn(6, WAITS)
      const started = await startApply()
      await isWaiting(started)
      started.kill(signal)
      await until(() => started.stderr().includes(signal))
      await sh(`touch ${STAND_INS}/go`)
      const { exitCode, stderr } = await started.ended
      expect(stderr).toContain('everything was rolled back')
      expect(exitCode).toBe(code)
      await asBefore()
    },
  )

  test('a second one stops at once, and the next apply converges', async () => {
    await standIn(6, WAITS)
    const started = await startApply()
    await isWaiting(started)
    started.kill('SIGINT')
    await until(() => started.stderr().includes('SIGINT'))
    started.kill('SIGINT')
    const { exitCode, stderr } = await started.ended
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/stopped at once.*apply again, or destroy/s)
    await sh(`touch ${STAND_INS}/go`)
    await applyFile(host, file)
    await asApplied()
    await destroy(host)
    await asBefore()
  })

  test('closed output: rolled back or never begun, as after SIGPIPE', async () => {
    const command = `"$@" | { exec <&-; sleep 2; }; exit "\${PIPESTATUS[0]}"`
    const args = ['-c', command, 'bash', process.execPath, NSCTL, 'apply', file, '--yes']
    const result = await host.run('bash', args, { reject: false })
    expect(result.exitCode).toBe(141)
    await asBefore()
  })
})

describe('two at once', () => {
  test('the second waits, or with --lock-timeout 0 gives up and names who holds the lock', async () => {
    await standIn(6, WAITS)
    const first = await startApply()
    await isWaiting(first)
    const refused = await host.nsctl(['apply', file, '--yes', '--lock-timeout', '0'])
    expect(refused.exitCode).toBe(6)
    const pid = /pid (\d+) \(nsctl apply/.exec(refused.stderr)?.[1]
    expect(await host.read(`/proc/${pid}/cmdline`)).toContain(NSCTL)
    const second = host.nsctl(['apply', file, '--yes'])
    await sh(`touch ${STAND_INS}/go`)
    expect(await first.ended).toMatchObject({ exitCode: 0 })
    expect(await second).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No changes.') })
    await asApplied()
  })

  test('applies and destroys in a heap leave nothing', async () => {
    const heap = await Promise.all([
      apply(),
      host.nsctl(['destroy', 'flask', '--yes']),
      apply(),
      host.nsctl(['destroy', 'flask', '--yes']),
    ])
    expect(heap.map(({ exitCode, stderr }) => `${exitCode}${stderr}`)).toEqual(['0', '0', '0', '0'])
    await destroy(host, ['flask'])
    await asBefore()
  })
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10)
}
