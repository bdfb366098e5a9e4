import { type Argument, Command, Option } from 'commander'
import type { Candidate, Completion } from '../commands/setup/completion.ts'
import type { Definition } from './definition.ts'
import { COMMANDS } from './definitions.ts'
import { logLevel, noColor } from './options.ts'

/**
 * What an argument, or the value of an option, is completed with, by the name that help calls it; null for what only
 * its author knows.
 */
export const BY_NAME: Record<string, Partial<Completion> | null> = {
  file: { rest: 'files' },
  plan: { rest: 'files' },
  snapshot: { rest: 'files' },
  source: { rest: 'files' },
  topology: { live: ['topologies'], rest: 'files' },
  namespace: { live: ['namespaces'] },
  interface: { live: ['interfaces'] },
  from: { words: words(['host', 'outside']), live: ['namespaces'] },
  to: null,
  address: null,
  duration: null,
  'code:subject': null,
  name: null,
  port: null,
  url: null,
}

const HELP = new Option('-h, --help', 'help')
const VERSION = new Option('-V, --version', 'the version')
const EVERYWHERE = [HELP, logLevel(), noColor()]
const HELP_COMMAND = { value: 'help', about: 'display help for command' }

/** What may stand at the end of a command line: `words` is all behind `nsctl`, the last of it is being typed. */
export function complete(words: string[]): Completion {
  const typed = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  const { operands, awaited, end } = read(typed, EVERYWHERE, 1)
  if (awaited) return valueFor(awaited, current)
  const [name] = operands
  if (name === undefined) return startOf(current, [VERSION, ...EVERYWHERE], [], only(commands()))
  if (name === 'help') return startOf(current, [], [], end === typed.length ? only(commands()) : only([]))
  const definition = COMMANDS.find(command => !command.hidden && nameOf(command) === name)
  if (!definition) return only([])
  const below = definition.below?.find(one => nameOf(one) === typed[end])
  return below ? completeIn(below, typed, end + 1, current) : completeIn(definition, typed, end, current)
}

function completeIn(definition: Definition, typed: string[], start: number, current: string): Completion {
  const options = [...(definition.options ?? []), ...EVERYWHERE]
  const all = argumentsOf(definition)
  const leading = definition.passThrough ? all.filter(({ variadic }) => !variadic).length : all.length
  const stop = definition.passThrough ? leading : Number.POSITIVE_INFINITY
  const { operands, given, awaited, closed, end } = read(typed.slice(start), options, stop)
  if (awaited) return valueFor(awaited, current)
  if (definition.passThrough && operands.length === leading) {
    const from = start + end + (leading > 0 && typed[start + end] === '--' ? 1 : 0)
    const begun = leading > 0 || closed || from < typed.length
    if (begun || !current.startsWith('-')) return { ...only([]), rest: 'command', from }
  }
  const below = definition.below?.find(command => nameOf(command) === operands[0])
  if (below) return completeIn(below, typed, start + typed.slice(start).indexOf(nameOf(below)) + 1, current)
  const argument = all[operands.length] ?? all.find(({ variadic }) => variadic)
  const rest = argument ? argumentOf(definition, argument) : only([])
  if (operands.length === 0) rest.words.push(...(definition.below ?? []).map(asCandidate))
  return closed ? matching(rest, current) : startOf(current, options, given, rest)
}

/** Either the name of an option, or its value behind `=`, or what else may stand there. */
function startOf(current: string, options: Option[], given: Option[], otherwise: Completion): Completion {
  const [, long, value] = /^(--[^=]+)=(.*)$/.exec(current) ?? []
  if (long !== undefined && value !== undefined) {
    const option = options.find(candidate => candidate.long === long && candidate.required)
    return option ? valueFor(option, value, `${long}=`) : only([])
  }
  if (!current.startsWith('-')) return matching(otherwise, current)
  const open = options.filter(option => !given.includes(option) || Array.isArray(option.defaultValue))
  return matching(
    only(open.map(({ long, description }) => ({ value: long ?? '', about: description }))),
    current,
  )
}

function valueFor(option: Option, current: string, prefix = ''): Completion {
  const [, name = ''] = /<([^>]+)>/.exec(option.flags) ?? []
  const found = option.argChoices ? only(words(option.argChoices)) : { ...only([]), ...BY_NAME[name] }
  return { ...matching(found, current), prefix }
}

function argumentOf({ choices }: Definition, argument: Argument): Completion {
  const own = choices?.[argument.name()]
  return own ? only(words(own)) : { ...only([]), ...BY_NAME[argument.name()] }
}

interface Line {
  operands: string[]
  given: Option[]
  /** The option whose value comes next. */
  awaited: Option | null
  /** Whether `--` has ended the options. */
  closed: boolean
  /** Index behind the last word that was read. */
  end: number
}

/** Reads words until there are as many operands as wanted. */
function read(words: string[], options: Option[], most: number): Line {
  const line: Line = { operands: [], given: [], awaited: null, closed: false, end: 0 }
  for (; line.end < words.length; line.end++) {
    const word = words[line.end] ?? ''
    const isOption = word.startsWith('-') && word !== '-' && !line.closed
    if (most > 0 && line.operands.length === most) break
    if (line.awaited) line.awaited = null
    else if (word === '--' && !line.closed) line.closed = true
    else if (!isOption && line.operands.length === most) break
    else if (!isOption) line.operands.push(word)
    else {
      const option = options.find(({ long, short }) => [long, short].includes(word.split('=', 1)[0]))
      if (option) line.given.push(option)
      if (option?.required && !word.includes('=')) line.awaited = option
    }
  }
  return line
}

export function argumentsOf({ name }: Definition): readonly Argument[] {
  return new Command().command(name).registeredArguments
}

function commands(): Candidate[] {
  const shown = COMMANDS.filter(({ hidden }) => !hidden)
  return [...shown.map(asCandidate), HELP_COMMAND]
}

function asCandidate(command: Definition): Candidate {
  return { value: nameOf(command), about: command.summary }
}

function nameOf({ name }: Definition): string {
  return name.split(' ', 1)[0] ?? name
}

function words(values: readonly string[]): Candidate[] {
  return values.map(value => ({ value, about: '' }))
}

function only(candidates: Candidate[]): Completion {
  return { words: candidates, live: [], rest: 'nothing', from: 0, prefix: '', current: '' }
}

function matching(completion: Completion, current: string): Completion {
  return { ...completion, words: completion.words.filter(({ value }) => value.startsWith(current)), current }
}
