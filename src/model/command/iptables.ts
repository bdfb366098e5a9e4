import type { Family } from '../address.ts'
import { iptablesOf } from '../host/iptables.ts'
import type { Variant } from '../host/snapshot.ts'

/** Lines for one table, applied as one transaction. */
export interface RestoreCommand {
  tool: 'iptables-restore'
  family: Family
  variant: Variant
  table: string
  lines: RestoreLine[]
}

export type RestoreLine =
  /** Makes the chain, or empties it. A built-in one has a policy, and keeps its rules. */
  | { op: 'declare'; chain: string; policy: string | null }
  /** `insert` puts the rule first. */
  | { op: 'append' | 'insert' | 'delete'; chain: string; rule: string }
  | { op: 'delete-chain'; chain: string }

/** A line as `iptables-restore` reads it. */
export function restoreLine(line: RestoreLine): string {
  switch (line.op) {
    case 'declare':
      return `:${line.chain} ${line.policy ?? '-'} [0:0]`
    case 'append':
      return `-A ${line.chain} ${line.rule}`
    case 'insert':
      return `-I ${line.chain} 1 ${line.rule}`
    case 'delete':
      return `-D ${line.chain} ${line.rule}`
    case 'delete-chain':
      return `-X ${line.chain}`
  }
}

/** The tool of the commands' family and variant, with its arguments. */
export function restoreVector({ family, variant }: RestoreCommand): [tool: string, ...args: string[]] {
  return [`${iptablesOf(family)}-${variant}-restore`, '--noflush', '--wait', '10']
}

/** The tables that are restored. A restore is atomic per table, not per file: guards first, and what accepts last. */
export const TABLES = ['raw', 'mangle', 'nat', 'filter']

/** Chains are declared before any rule names them, and deleted after the last reference is gone. */
const RANK: Record<RestoreLine['op'], number> = {
  declare: 0,
  append: 1,
  insert: 1,
  delete: 1,
  'delete-chain': 2,
}

/** Where a line of the input comes from. */
export interface LineOrigin {
  /** Index of the command. */
  command: number
  line: RestoreLine
}

/** Commands of one family as one input, each table once; `origin` has an entry for each line of it. */
export function restoreInput(commands: RestoreCommand[]): {
  text: string
  origin: (LineOrigin | undefined)[]
} {
  const tables = TABLES.map(table => ({ table, lines: linesOf(commands, table) })).filter(
    ({ lines }) => lines.length > 0,
  )
  return {
    text: tables.map(({ table, lines }) => `*${table}\n${lines.map(printedLine).join('')}COMMIT\n`).join(''),
    origin: tables.flatMap(({ lines }) => [undefined, ...lines, undefined]),
  }
}

function linesOf(commands: RestoreCommand[], table: string): LineOrigin[] {
  const lines = commands.flatMap((command, index) =>
    command.table === table ? command.lines.map((line): LineOrigin => ({ command: index, line })) : [],
  )
  return lines.sort((a, b) => RANK[a.line.op] - RANK[b.line.op])
}

function printedLine({ line }: LineOrigin): string {
  return `${restoreLine(line)}\n`
}
