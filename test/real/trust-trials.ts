import type { Act, Call, Fault } from './stand-in.ts'
import { type Arena, expectAt, type Trial, toBare, toEnd, toStart } from './trust-arena.ts'

/** After a kill: once the story is told again, once all is taken away. */
export function kills(arena: Arena): Trial[] {
  return [...killsOfCommands(arena), ...killsOfFiles(arena)].flatMap(([name, fault]) => [
    { name: `${name}, then again`, fault, check: again },
    { name: `${name}, then destroy`, fault, check: destroyed },
  ])
}

/** While it only reads nothing changes: to be killed once before and once after the changes stands for all. */
function killsOfCommands({ calls }: Arena): [string, Fault][] {
  const first = calls.findIndex(({ sort }) => sort === 'change')
  const points = calls.filter(
    ({ sort }, i) => sort === 'change' || [0, first - 1, calls.length - 1].includes(i),
  )
  return points.flatMap(call => [
    ...units(call).map(unit => at(call, 'kill-before', unit)),
    ...(['kill-during', 'kill-after'] as const).map(act => at(call, act)),
  ])
}

/** After one is before the next, or before the next command. */
function killsOfFiles({ files }: Arena): [string, Fault][] {
  return files.map((change, i) => [
    `kill-before file change ${i + 1} ${change}`,
    { file: i + 1, act: 'kill-before' },
  ])
}

function at(
  call: Call,
  act: Act,
  unit = 1,
  more: { always?: boolean; signal?: string } = {},
): [string, Fault] {
  const which = call.units > 1 ? ` (${unit} of ${call.units})` : ''
  return [`${act} call ${call.nth} of ${call.key}${which}`, { at: call, unit, act, ...more }]
}

const KILLED = 137

const again: Trial['check'] = async (arena, { exitCode }) => {
  if (exitCode !== KILLED) throw new Error('was not killed')
  await toEnd(arena)
  await expectAt(arena, 'end', 'told again')
  await toStart(arena)
  await expectAt(arena, 'start', 'then back')
}

const destroyed: Trial['check'] = async (arena, { exitCode }) => {
  if (exitCode !== KILLED) throw new Error('was not killed')
  await toBare(arena)
  await expectAt(arena, 'bare', 'destroyed')
  await toStart(arena)
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
      (['fail-before', 'fail-after', 'garbage', 'truncated', 'lie', 'killed'] as const).map(act =>
        at(call, act),
      ),
    ),
    ...files.flatMap((change, i) =>
      ['ENOSPC', 'EIO'].map((code): [string, Fault] => [
        `${code} at file change ${i + 1} ${change}`,
        { file: i + 1, act: 'fail', code },
      ]),
    ),
  ]
  return all.map(([name, fault], i) => ({ name, fault, check: i % 2 === 0 ? endsWell : endsInNothing }))
}

function units({ units: count }: Call): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

const endsWell: Trial['check'] = async (arena, result) => {
  await saysWhatIs(arena, result)
  await toEnd(arena)
  await expectAt(arena, 'end', 'told again')
  await toStart(arena)
  await expectAt(arena, 'start', 'then back')
}

const endsInNothing: Trial['check'] = async (arena, result) => {
  await saysWhatIs(arena, result)
  await toBare(arena)
  await expectAt(arena, 'bare', 'destroyed')
  await toStart(arena)
}

/** An exit code is a statement about the host. */
const saysWhatIs: Trial['check'] = async (arena, { exitCode, stderr }) => {
  switch (exitCode) {
    case 0:
      return expectAt(arena, 'end', 'said to be done')
    case 1:
      return expectAt(arena, 'start', 'said to have changed nothing')
    case 3:
      return expectAt(arena, 'start', 'said to be rolled back')
    case 4:
      if (!/this is left to do:\n\s*\S|what is left cannot be read/.test(stderr))
        throw new Error('does not say what is left')
      return
    default:
      throw new Error('an exit code that is not documented for this')
  }
}

/** INT, TERM and HUP before and after each command has run. */
export function signals({ calls }: Arena): Trial[] {
  const numbers = { HUP: 129, INT: 130, TERM: 143 }
  return calls.flatMap((call, i) =>
    Object.entries(numbers)
      // All three at every command would say little more than one in turn.
      .filter((_, n) => n === i % 3 || call.sort === 'change')
      .flatMap(([signal, code]) =>
        (['signal', 'signal-after'] as const).map(act => {
          const [name, fault] = at(call, act, 1, { signal })
          const check: Trial['check'] = async (arena, result) => {
            if (result.exitCode === 0) return expectAt(arena, 'end', 'said to be done')
            if (result.exitCode !== code) throw new Error(`not exit code ${code}`)
            await expectAt(arena, 'start', 'said to be rolled back')
          }
          return { name: `${name} ${signal}`, fault, check }
        }),
      ),
  )
}

/** A command that does not end: it is ended by nsctl itself, whose patience is made short for this. */
export function hangs({ calls }: Arena): Trial[] {
  return calls
    .filter(({ key }) => !key.startsWith('flock'))
    .map(call => {
      const [name, fault] = at(call, 'hang')
      return { name, fault, check: endsWell }
    })
}
