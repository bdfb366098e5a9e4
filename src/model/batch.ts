import { iptablesOf } from './iptables.ts'
import type { Command } from './plan.ts'

type Ip = Extract<Command, { tool: 'ip' }>
type Tc = Extract<Command, { tool: 'tc' }>
type Restore = Extract<Command, { tool: 'iptables-restore' }>

/** Whether a command can be a line of a batch, which `ip` splits at blanks, with quotes and `#` of its own. */
export function isBatchable({ args }: { args: string[] }): boolean {
  return args.every(arg => /^[A-Za-z0-9._:/@%+=,-]+$/.test(arg))
}

/** Options in front of a command of `ip` or `tc`: which family, and where. */
export function placeOptions(command: Ip | Tc): string[] {
  const family = command.tool === 'ip' && command.family === 'ipv6' ? ['-6'] : []
  return command.namespace === 'host' ? family : [...family, '-n', command.namespace]
}

export function batchInput(commands: (Ip | Tc)[]): string {
  return commands.map(({ args }) => `${args.join(' ')}\n`).join('')
}

export function restoreTool({ family, variant }: Restore): string {
  return `${iptablesOf(family)}-${variant}-restore`
}

/** A restore is atomic per table, not per file: guards first, and what accepts last. */
const TABLES = ['raw', 'mangle', 'nat', 'filter']

/**
 * Commands of one family as one input, each table once: chains are declared before any rule names them and deleted
 * after the last reference is gone. `origin` tells, per line, the index of the command it came from.
 */
export function restoreInput(commands: Restore[]): { text: string; origin: (number | undefined)[] } {
  const lines: { text: string; command: number | undefined }[] = []
  for (const table of TABLES) {
    const own = commands.flatMap((command, index) =>
      command.table === table
        ? command.lines.map(text => ({ text, command: index as number | undefined }))
        : [],
    )
    if (own.length === 0) continue
    const rank = (text: string) => (text.startsWith(':') ? 0 : text.startsWith('-X') ? 2 : 1)
    lines.push({ text: `*${table}`, command: undefined })
    lines.push(...own.toSorted((a, b) => rank(a.text) - rank(b.text)))
    lines.push({ text: 'COMMIT', command: undefined })
  }
  return { text: lines.map(({ text }) => `${text}\n`).join(''), origin: lines.map(({ command }) => command) }
}
