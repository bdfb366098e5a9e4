import type { Result } from '../host/holder.ts'
import { type Arena, expectAt, type Station, type Trial, toBare, toEnd, toStart } from './arena.ts'
import type { Act, Call, Fault } from './stand-in.ts'

/** All that can befall a story, each once; what is left out comes to the same as another one (docs/trust.md). */
export function allTrials(arena: Arena): Trial[] {
  return [...kills(arena), ...faults(arena), ...signals(arena), ...hangs(arena)]
}

/** After a kill: once the story is told again, once all is taken away. */
export function kills(arena: Arena): Trial[] {
  const both = [...killsBeforeCommands(arena), ...killsOfFiles(arena)].flatMap(([name, fault]) => [
    { name: `${name}, then again`, fault, check: again },
    { name: `${name}, then destroy`, fault, check: destroyed },
  ])
  // Most leave what a kill before the next command leaves, after which both are tried.
  const eitherWay = killsAtCommands(arena).map(([name, fault], i) =>
    i % 4 === 0 || i % 4 === 3
      ? { name: `${name}, then again`, fault, check: again }
      : { name: `${name}, then destroy`, fault, check: destroyed },
  )
  return [...both, ...eitherWay]
}

/** While it only reads nothing changes: to be killed once before and once after the changes stands for all. */
function pointsOf({ calls }: Arena): Call[] {
  const first = calls.findIndex(({ sort }) => sort === 'change')
  return calls.filter(({ sort }, i) => sort === 'change' || [0, first - 1, calls.length - 1].includes(i))
}

function killsBeforeCommands(arena: Arena): [string, Fault][] {
  return pointsOf(arena).flatMap(call => units(call).map(unit => at(call, 'kill-before', unit)))
}

function killsAtCommands(arena: Arena): [string, Fault][] {
  return pointsOf(arena).flatMap(call => (['kill-during', 'kill-after'] as const).map(act => at(call, act)))
}

/** After one is before the next, or before the next command; a sync changes nothing that a kill leaves. */
function killsOfFiles({ files }: Arena): [string, Fault][] {
  return files.flatMap((change, i) =>
    files[i - 1] === 'fsyncSync'
      ? []
      : [[`kill-before file change ${i + 1} ${change}`, { file: i + 1, act: 'kill-before' }]],
  )
}

function at(
  call: Call,
  act: Act,
  unit = 1,
  more: { always?: boolean; signal?: string } = {},
): [string, Fault] {
  const which = call.units > 1 ? ` (${unit} of ${call.units})` : ''
  const since = more.always ? ', and all that follow' : ''
  return [`${act} call ${call.nth} of ${call.key}${which}${since}`, { at: call, unit, act, ...more }]
}

const KILLED = 137

const again: Trial['check'] = async (arena, { exitCode }) => {
  if (exitCode !== KILLED) throw new Error('was not killed')
  await toldAgain(arena)
}

const destroyed: Trial['check'] = async (arena, { exitCode }) => {
  if (exitCode !== KILLED) throw new Error('was not killed')
  await takenAway(arena)
}

/** The way back from there is the undisturbed one: a picture shows all that it rests on. */
async function toldAgain(arena: Arena): Promise<void> {
  await toEnd(arena)
  await expectAt(arena, 'end', 'told again')
  await toStart(arena)
}

async function takenAway(arena: Arena): Promise<void> {
  await toBare(arena)
  await expectAt(arena, 'bare', 'destroyed')
  if (arena.story.from !== null) await toStart(arena)
}

/** Faults of commands and of files. */
export function faults(arena: Arena): Trial[] {
  const { calls, files } = arena
  const changes = calls.filter(({ sort }) => sort === 'change')
  const reads = calls.filter(({ sort }) => sort === 'read')
  const all = [
    ...changes.flatMap(call => [
      ...units(call).flatMap(unit => [at(call, 'fail-before', unit), at(call, 'lie', unit)]),
      at(call, 'fail-after', call.units),
      at(call, 'killed', Math.ceil(call.units / 2)),
      at(call, 'fail-before', call.units, { always: true }),
      ...(/-restore/.test(call.key) ? [at(call, 'locked')] : []),
    ]),
    ...reads.flatMap(call =>
      (['fail-before', 'garbage', 'truncated', 'lie'] as const)
        .filter(act => !isBeyondAll(call, act))
        .map(act => at(call, act)),
    ),
    // The output of a command that failed is not looked at, and what ended it makes no difference: once for each tool.
    ...firstOfEachTool(reads).flatMap(call => (['fail-after', 'killed'] as const).map(act => at(call, act))),
    // Nothing depends on which error it is.
    ...files.map((change, i): [string, Fault] => {
      const code = i % 2 === 0 ? 'ENOSPC' : 'EIO'
      return [`${code} at file change ${i + 1} ${change}`, { file: i + 1, act: 'fail', code }]
    }),
  ]
  return all.map(([name, fault], i) => ({ name, fault, check: saysWhatIs(i) }))
}

/**
 * What holds the lock has its output cut only when it ends: that is a hang, and nobody's patience ends it. And no rules
 * at all, said with exit code 0, is what the tool says on a host without.
 */
function isBeyondAll(call: Call, act: Act): boolean {
  return act === 'truncated' ? isLock(call) : act === 'lie' && call.nth === 1 && /-save$/.test(call.key)
}

function isLock({ key }: Call): boolean {
  return key.startsWith('flock')
}

function firstOfEachTool(calls: Call[]): Call[] {
  const tools = calls.map(({ key }) => key.split(' ', 1)[0])
  return calls.filter((_, i) => tools.indexOf(tools[i]) === i)
}

function units({ units: count }: Call): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

/**
 * An exit code is a statement about the host. What is as it was, or as it was to be, goes on as after any other run:
 * that the next one converges is tried after every second fault, and wherever something is left.
 */
function saysWhatIs(i: number): Trial['check'] {
  const goOn = i % 4 < 2 ? toldAgain : takenAway
  return async (arena, result) => {
    const station = stationSaid(result)
    if (station) await expectAt(arena, station, 'said by the exit code')
    if (station === null || i % 2 === 0) await goOn(arena)
    else if (station === 'end') await toStart(arena)
  }
}

/** Where the story stands, by the exit code; null: something is left, and said. */
function stationSaid({ exitCode, stderr }: Result): Station | null {
  if (exitCode === 0) return 'end'
  if (exitCode === 1 || exitCode === 3) return 'start'
  if (exitCode !== 4) throw new Error('an exit code that is not documented for this')
  if (!/this is left to do:\n\s*\S|what is left cannot be read/.test(stderr))
    throw new Error('does not say what is left')
  return null
}

/** Before and after each command has run, INT, TERM and HUP in turn: they differ in nothing but the exit code. */
export function signals({ calls }: Arena): Trial[] {
  const numbers = Object.entries({ HUP: 129, INT: 130, TERM: 143 })
  return calls.flatMap((call, i) =>
    (['signal', 'signal-after'] as const).map((act, n) => {
      const [signal, code] = numbers[(i + n) % 3] as [string, number]
      const [name, fault] = at(call, act, 1, { signal })
      const check: Trial['check'] = async (arena, result) => {
        if (result.exitCode === 0) {
          await expectAt(arena, 'end', 'said to be done')
          return toStart(arena)
        }
        if (result.exitCode !== code) throw new Error(`not exit code ${code}`)
        await expectAt(arena, 'start', 'said to be rolled back')
      }
      return { name: `${name} ${signal}`, fault, check }
    }),
  )
}

/** A command that does not end: it is ended by nsctl itself, whose patience is made short for this. */
export function hangs({ calls }: Arena): Trial[] {
  return calls
    .filter(call => !isLock(call))
    .map((call, i) => {
      const [name, fault] = at(call, 'hang')
      return { name, fault, check: saysWhatIs(i) }
    })
}
