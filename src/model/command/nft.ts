import type { Family } from '../address.ts'
import { nftTable } from '../host/unreadable.ts'

/** What takes away rules that iptables cannot: those of a table that it does not print. */
export interface NftCommand {
  tool: 'nft'
  family: Family
  table: string
  lines: NftLine[]
}

export type NftLine =
  | { op: 'delete-rule'; chain: string; handle: number }
  /** A chain can go only when it is empty, and nothing leads to it. */
  | { op: 'flush-chain' | 'delete-chain'; chain: string }

const RANK: Record<NftLine['op'], number> = { 'delete-rule': 0, 'flush-chain': 1, 'delete-chain': 2 }

/** Commands as one transaction; `origin` is the index of the command that each line of it is of. */
export function nftInput(commands: NftCommand[]): { text: string; origin: number[] } {
  const lines = commands
    .flatMap((command, index) => command.lines.map(line => ({ command, line, index })))
    .sort((a, b) => RANK[a.line.op] - RANK[b.line.op])
  return {
    text: lines.map(({ command, line }) => `${printedLine(command, line)}\n`).join(''),
    origin: lines.map(({ index }) => index),
  }
}

function printedLine(command: NftCommand, line: NftLine): string {
  const chain = `${nftTable(command)} ${line.chain}`
  switch (line.op) {
    case 'delete-rule':
      return `delete rule ${chain} handle ${line.handle}`
    case 'flush-chain':
      return `flush chain ${chain}`
    case 'delete-chain':
      return `delete chain ${chain}`
  }
}
