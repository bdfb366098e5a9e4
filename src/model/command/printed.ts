import type { SavedStep } from '../plan/saved-plan.ts'
import { argumentsOf } from './batch.ts'
import type { Command } from './command.ts'
import { restoreLine } from './iptables.ts'

/** Steps as a saved plan has them: commands of tools by the arguments and lines that the tools are given. */
export function printedSteps(
  steps: { stage: string; commands: Command[]; changes: string[] }[],
): SavedStep[] {
  return steps.map(step => ({ ...step, commands: step.commands.map(printed) }))
}

function printed(command: Command): unknown {
  switch (command.tool) {
    case 'ip':
    case 'tc': {
      const { tool, namespace } = command
      const args = argumentsOf(command)
      return 'family' in command && command.family === 'ipv6'
        ? { tool, namespace, args, family: command.family }
        : { tool, namespace, args }
    }
    case 'iptables-restore':
      return { ...command, lines: command.lines.map(restoreLine) }
    default:
      return command
  }
}
