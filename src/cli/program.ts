import { Command, CommanderError, Option } from 'commander'
import type { Context } from '../commands/context.ts'
import { escapeLines, escapeText } from '../model/escape.ts'
import type { Definition } from './definition.ts'
import { COMMANDS } from './definitions.ts'

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

const logLevel = () =>
  new Option('--log-level <level>', 'trace shows every command sent to the kernel').choices([
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'silent',
  ])
const noColor = () => new Option('--no-color', 'no colour, as with NO_COLOR in the environment')

/** Reads a command line; acts on nothing. */
export function parseCommandLine(args: string[], version: string): Invocation {
  let stdout = ''
  let stderr = ''
  let chosen: Chosen | null = null

  const program = new Command('nsctl')
    .description("Keeps a Linux host's network namespaces as a YAML file says.")
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'help for nsctl or a command')
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
    addCommand(program, definition, (run, globals, { daemon = false }) => {
      chosen = { run, globals, daemon }
    })
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
): void {
  const command = parent
    .command(definition.name, { hidden: definition.hidden ?? false })
    .description(definition.description)
    .summary(definition.summary)
    .copyInheritedSettings(parent)
    .showHelpAfterError(`(nsctl ${definition.name.split(' ', 1)[0]} --help shows how)`)
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
}

const OVERVIEW = `
A first own topology:
  nsctl validate web.yaml         is the file right?
  nsctl plan web.yaml             what would change, and why
  nsctl apply web.yaml            make it so
  nsctl destroy web               give the host back

Try it on a throw-away host, also without root: nsctl sandbox -- nsctl apply web.yaml
`
