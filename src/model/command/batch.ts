import type { IpCommand } from './ip.ts'
import { ipArguments } from './ip-arguments.ts'
import { type TcCommand, tcArguments } from './tc.ts'

/** Commands of `ip` and of `tc` are lines of a batch, one process for those in one place. */
export type BatchCommand = IpCommand | TcCommand

/** A command's arguments, behind the options that say where. */
export function argumentsOf(command: BatchCommand): string[] {
  return command.tool === 'ip' ? ipArguments(command) : tcArguments(command)
}

/** Whether a command can be a line of a batch, which `ip` splits at blanks, with quotes and `#` of its own. */
export function isBatchable(command: BatchCommand): boolean {
  return argumentsOf(command).every(word => /^[A-Za-z0-9._:/@%+=,-]+$/.test(word))
}

/** Options in front of a command: which family, where its arguments leave that open, and which namespace. */
export function placeOptions(command: BatchCommand): string[] {
  const family = 'family' in command && command.family === 'ipv6' ? ['-6'] : []
  return command.namespace === 'host' ? family : [...family, '-n', command.namespace]
}

/** A command by itself, as an argument vector. */
export function vectorOf(command: BatchCommand): [tool: string, ...args: string[]] {
  return [command.tool, ...placeOptions(command), ...argumentsOf(command)]
}

export function batchInput(commands: BatchCommand[]): string {
  return commands.map(command => `${argumentsOf(command).join(' ')}\n`).join('')
}
