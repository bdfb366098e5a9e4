import { Command, CommanderError, Option } from 'commander'
import type { Context } from '../commands/context.ts'
import { COMMANDS, type Definition } from './definitions.ts'

/** What a command line asks for. */
export type Invocation =
  | { kind: 'run'; run: (context: Context) => Promise<number>; globals: Globals }
  /** Help, a version, or wrong usage: text to print and the exit code. */
  | { kind: 'print'; stdout: string; stderr: string; exitCode: number }

export interface Globals {
  logLevel: string
  color: boolean
}

const USAGE = 64

/** Reads a command line; acts on nothing. */
export function parseCommandLine(args: string[], version: string): Invocation {
  let stdout = ''
  let stderr = ''
  let chosen: { run: (context: Context) => Promise<number> } | null = null

  const program = new Command('nsctl')
    .description("Keeps a Linux host's network namespaces as a YAML file says.")
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'help for nsctl or a command')
    .addOption(
      new Option('--log-level <level>', 'trace shows every command sent to the kernel')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('warn'),
    )
    .option('--no-color', 'no colour, as with NO_COLOR in the environment')
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
    addCommand(program, definition, run => {
      chosen = { run }
    })
  }
  try {
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'print', stdout, stderr, exitCode: error.exitCode === 0 ? 0 : USAGE }
  }
  const result = chosen as { run: (context: Context) => Promise<number> } | null
  if (result === null)
    return { kind: 'print', stdout: '', stderr: program.helpInformation(), exitCode: USAGE }
  return { kind: 'run', run: result.run, globals: program.opts<Globals>() }
}

function addCommand(
  program: Command,
  definition: Definition,
  choose: (run: (context: Context) => Promise<number>) => void,
): void {
  const command = program
    .command(definition.name, { hidden: definition.hidden ?? false })
    .description(definition.description)
    .summary(definition.summary)
    .copyInheritedSettings(program)
    .showHelpAfterError(`(nsctl ${definition.name.split(' ', 1)[0]} --help shows how)`)
  for (const option of definition.options ?? []) command.addOption(option)
  if (definition.passThrough) command.passThroughOptions()
  if (definition.examples)
    command.addHelpText('after', `\nExamples:\n${definition.examples.map(line => `  ${line}\n`).join('')}`)
  command.action((...parameters: unknown[]) => {
    const values = parameters.slice(0, command.registeredArguments.length)
    choose(context => definition.run(values, command.opts(), context))
  })
}

const OVERVIEW = `
A first own topology:
  nsctl validate web.yaml         is the file right?
  nsctl plan web.yaml             what would change, and why
  nsctl apply web.yaml            make it so
  nsctl destroy web               give the host back

Try it on a throw-away host, also without root: nsctl sandbox -- nsctl apply web.yaml
`
