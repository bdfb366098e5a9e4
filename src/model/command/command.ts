import type { Claim } from '../host/snapshot.ts'
import type { ForgetFlows } from './conntrack.ts'
import type { IpCommand } from './ip.ts'
import type { RestoreCommand } from './iptables.ts'
import type { NftCommand } from './nft.ts'
import type { SysctlCommand } from './sysctl.ts'
import type { TcCommand } from './tc.ts'

/** One thing to do, as data. Commands of one sort are sent to the kernel together. */
export type Command =
  | IpCommand
  | TcCommand
  | RestoreCommand
  | NftCommand
  | ForgetFlows
  | SysctlCommand
  | FileCommand
  | RecordCommand

export type CommandOf<Tool extends Command['tool']> = Extract<Command, { tool: Tool }>

type FileCommand =
  | { tool: 'write'; path: string; content: string }
  | { tool: 'unlink' | 'mkdir' | 'rmdir'; path: string }

type RecordCommand =
  /** The holder is the plan's topology; `before` null: the value that is there when the step runs. */
  | ({ tool: 'claim' } & Omit<Claim, 'holders'>)
  | { tool: 'release'; kind: Claim['kind']; scope: string; key: string }

/** The commands of a batch that are one tool's: all of them, where the batch is of that tool. */
export function commandsOf<Tool extends Command['tool']>(
  commands: Command[],
  ...tools: Tool[]
): CommandOf<Tool>[] {
  return commands.filter((command): command is CommandOf<Tool> => (tools as string[]).includes(command.tool))
}
