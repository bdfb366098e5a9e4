import { type Argument, Command, CommanderError, type Option } from 'commander'
import type { Context } from '../commands/context.ts'
import { escapeLines, escapeText } from '../model/text/escape.ts'
import type { Definition } from './definition.ts'
import { COMMANDS, GROUPS } from './definitions.ts'
import { logLevel, noColor } from './options.ts'

/** What a command line asks for. */
export type Invocation =
  | { kind: 'run'; run: (context: Context) => Promise<number>; globals: Globals }
  /** Help, a version, or wrong usage: text to print and the exit code. */
  | { kind: 'print'; stdout: string; stderr: string; exitCode: number }

export interface Globals {
  logLevel: string
  color: boolean
  /** Whether the command runs on, and logs what it does. */
  daemon: boolean
}

interface Chosen {
  run: (context: Context) => Promise<number>
  /** Given behind the command; they hold as well as in front of it. */
  globals: Partial<Globals>
  daemon: boolean
}

const USAGE = 64

/** Reads a command line; acts on nothing. */
export function parseCommandLine(args: string[], version: string): Invocation {
  let stdout = ''
  let stderr = ''
  let chosen: Chosen | null = null

  const program = new Command('nsctl')
    .description("Keeps a Linux host's network namespaces as a YAML file says.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help for nsctl or a command')
    .commandsGroup(GROUPS.at(-1)?.[0] ?? '')
    .helpCommand('help [command]', 'help for a command')
    .configureHelp({ subcommandTerm, optionDescription })
    .addOption(logLevel().default('warn'))
    .addOption(noColor())
    .showHelpAfterError('(nsctl --help lists the commands)')
    .configureOutput({
      writeOut: text => {
        stdout += text
      },
      writeErr: text => {
        stderr += text
      },
    })
    .enablePositionalOptions()
    .exitOverride()
  program.addHelpText('after', OVERVIEW)
  for (const definition of COMMANDS) {
    const command = addCommand(program, definition, (run, globals, { daemon = false }) => {
      chosen = { run, globals, daemon }
    })
    const [heading] = GROUPS.find(([, commands]) => commands.includes(definition)) ?? []
    if (heading) command.helpGroup(heading)
  }
  try {
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const exitCode = error.exitCode === 0 ? 0 : USAGE
    return { kind: 'print', stdout, stderr: printable(stderr, args), exitCode }
  }
  const result = chosen as Chosen | null
  if (result === null)
    return { kind: 'print', stdout: '', stderr: program.helpInformation(), exitCode: USAGE }
  const { logLevel: level, color } = program.opts<Globals>()
  const isGiven = (option: string) => program.getOptionValueSource(option) !== 'default'
  const globals = {
    logLevel: result.globals.logLevel ?? (isGiven('logLevel') || !result.daemon ? level : 'info'),
    color: color && (result.globals.color ?? true),
    daemon: result.daemon,
  }
  return { kind: 'run', run: result.run, globals }
}

/** What is said of an argument quotes it: made safe first as a whole, so that its line ends are none of the message. */
function printable(message: string, args: string[]): string {
  const quoted = args.flatMap(arg => [arg, arg.slice(arg.indexOf('=') + 1)])
  const unsafe = quoted.filter(text => escapeText(text) !== text).sort((a, b) => b.length - a.length)
  return escapeLines(unsafe.reduce((text, arg) => text.replaceAll(arg, escapeText(arg)), message))
}

function addCommand(
  parent: Command,
  definition: Definition,
  choose: (
    run: (context: Context) => Promise<number>,
    globals: Partial<Globals>,
    definition: Definition,
  ) => void,
): Command {
  const command = parent
    .command(definition.name, { hidden: definition.hidden ?? false })
    .description(definition.description)
    .summary(definition.summary)
    .copyInheritedSettings(parent)
    .showHelpAfterError(`(nsctl ${definition.name.split(' ', 1)[0]} --help shows how)`)
  for (const argument of command.registeredArguments) {
    const choices = definition.choices?.[argument.name()]
    if (choices) argument.choices(choices)
  }
  for (const option of definition.options ?? []) command.addOption(option)
  command.addOption(logLevel().hideHelp()).addOption(noColor().hideHelp())
  if (definition.passThrough) command.passThroughOptions()
  if (definition.examples)
    command.addHelpText('after', `\nExamples:\n${definition.examples.map(line => `  ${line}\n`).join('')}`)
  command.action((...parameters: unknown[]) => {
    const values = parameters.slice(0, command.registeredArguments.length)
    const { logLevel: _, color: __, ...options } = command.opts()
    choose(context => definition.run(values, options, context), command.opts(), definition)
  })
  for (const one of definition.below ?? []) addCommand(command, one, choose)
  return command
}

/** Nearly all have options: to say so of each tells nothing. */
function subcommandTerm(command: Command): string {
  return [command.name(), ...command.registeredArguments.map(shownArgument)].join(' ')
}

function shownArgument(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '')
  return argument.required ? `<${name}>` : `[${name}]`
}

function optionDescription({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
}: Option): string {
  const byDefault = defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : null)
  const facts = [
    ...(argChoices ? [argChoices.join(', ')] : []),
    ...(byDefault === null ? [] : [`default: ${byDefault}`]),
  ]
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`
}

const OVERVIEW = `
A first own topology:
  nsctl validate web.yaml         is the file right?
  nsctl plan web.yaml             what would change, and why
  nsctl apply web.yaml            make it so
  nsctl destroy web               give the host back

Try it on a throw-away host, also without root: nsctl sandbox -- nsctl apply web.yaml
`
