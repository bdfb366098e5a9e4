import { placeOptions } from '../../model/command/batch.ts'
import type { Command } from '../../model/command/command.ts'
import type { Batch } from '../../model/plan/plan.ts'

/** Commands as batches: one for all of one sort in one place, in their order. */
export function batchesOf(commands: Command[], changes: string[] = []): Batch[] {
  const batches = new Map<string, Batch>()
  commands.forEach((command, i) => {
    const key = batchKey(command)
    const batch = batches.get(key) ?? { commands: [], changes: [] }
    batch.commands.push(command)
    const change = changes[i]
    if (change !== undefined) batch.changes.push(change)
    batches.set(key, batch)
  })
  return [...batches.values()]
}

function batchKey(command: Command): string {
  switch (command.tool) {
    case 'ip':
    case 'tc':
      return [command.tool, ...placeOptions(command)].join(' ')
    case 'sysctl':
      return `sysctl ${command.namespace}`
    case 'iptables-restore':
      return `iptables ${command.variant} ${command.family}`
    case 'nft':
      return 'nft'
    case 'conntrack':
      // One process for both loses count of the family between lines.
      return `conntrack ${command.family}`
    case 'claim':
    case 'release':
      return 'records'
    default:
      return 'files'
  }
}
