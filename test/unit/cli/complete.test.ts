import { describe, expect, test } from 'vitest'
import { argumentsOf, BY_NAME, complete } from '../../../src/cli/complete.ts'
import { COMMANDS } from '../../../src/cli/definitions.ts'

const values = (...words: string[]) => complete(words).words.map(({ value }) => value)

describe('words that may stand at the end of a line', () => {
  test('commands, but not those that nsctl starts itself', () => {
    expect(values('')).toContain('apply')
    expect(values('')).not.toContain('sandbox-init')
    expect(values('de')).toEqual(['destroy'])
    expect(values('help', 'de')).toEqual(['destroy'])
    expect(values('help', 'destroy', '')).toEqual([])
  })

  test('options of the command, and those of every command', () => {
    expect(values('list', '--d')).toEqual(['--detailed-exitcode'])
    expect(values('plan', '--log')).toEqual(['--log-level'])
    expect(values('--v')).toEqual(['--version'])
  })

  test('an option is offered once, unless it may be repeated', () => {
    expect(values('apply', '--yes', '--y')).toEqual([])
    expect(values('apply', '--accept', 'port-held:tcp/80', '--acc')).toEqual(['--accept'])
  })

  test('the values of an option, in a word of their own or behind =', () => {
    expect(values('list', '--format', 'j')).toEqual(['json'])
    expect(complete(['list', '--format=j'])).toMatchObject({
      words: [{ value: 'json' }],
      prefix: '--format=',
    })
    expect(values('--log-level', 'tr')).toEqual(['trace'])
    expect(values('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  test('what only their author knows is left open', () => {
    expect(complete(['apply', '--confirm', ''])).toMatchObject({ words: [], rest: 'nothing' })
  })

  test('the value of an option is no operand', () => {
    expect(values('--log-level', 'trace', 'va')).toEqual(['validate'])
    expect(complete(['plan', '--format', 'json', ''])).toMatchObject({ rest: 'files' })
  })

  test('behind -- nothing is an option', () => {
    expect(complete(['plan', '--', '--'])).toMatchObject({ words: [], rest: 'files' })
  })

  test('files and live names, by what the argument is called', () => {
    expect(complete(['validate', 'a.yaml', ''])).toMatchObject({ rest: 'files' })
    expect(complete(['destroy', ''])).toMatchObject({ live: ['topologies'], rest: 'files' })
    expect(complete(['exec', ''])).toMatchObject({ live: ['namespaces'], rest: 'nothing' })
    expect(complete(['destroy', 'web', ''])).toMatchObject({ live: [], rest: 'nothing' })
  })

  test.each([
    [['exec', 'shop', ''], 2],
    [['exec', 'shop', '--', 'ls', '-'], 3],
    [['--log-level', 'info', 'exec', 'shop', 'ls', ''], 4],
    [['sandbox', ''], 1],
    [['sandbox', '--', ''], 2],
    [['sandbox', '--', 'nsctl', 'apply', '-'], 2],
  ])('%j: a command that is run has a completion of its own, from word %d', (words, from) => {
    expect(complete(words)).toMatchObject({ rest: 'command', from })
  })

  test('a command below another', () => {
    expect(complete(['watch', ''])).toMatchObject({ rest: 'files' })
    expect(values('watch', 's')).toEqual(['suspend'])
    expect(complete(['watch', 'suspend', ''])).toMatchObject({ live: ['topologies'] })
    expect(values('watch', 'suspend', '--lo')).toEqual(['--lock-timeout', '--log-level'])
  })

  test('no such command: nothing', () => {
    expect(complete(['aply', ''])).toMatchObject({ words: [], live: [], rest: 'nothing' })
    expect(complete(['revert', ''])).toMatchObject({ words: [], live: [], rest: 'nothing' })
  })
})

const visible = COMMANDS.filter(({ hidden }) => !hidden).flatMap(command => [
  command,
  ...(command.below ?? []),
])

test.each(visible)('$name: it is known how each argument and value is completed', definition => {
  const names = [
    ...argumentsOf(definition)
      .map(argument => argument.name())
      .filter(name => !definition.choices?.[name] && !(definition.passThrough && name === 'command')),
    ...(definition.options ?? [])
      .filter(({ argChoices }) => !argChoices)
      .flatMap(({ flags }) => /<([^>]+)>/.exec(flags)?.[1] ?? []),
  ]
  expect(names.filter(name => !(name in BY_NAME))).toEqual([])
})
