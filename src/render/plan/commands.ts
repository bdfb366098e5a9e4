import {
  type BatchCommand,
  batchInput,
  isBatchable,
  placeOptions,
  vectorOf,
} from '../../model/command/batch.ts'
import { type Command, commandsOf } from '../../model/command/command.ts'
import { type ForgetFlows, flowLine } from '../../model/command/conntrack.ts'
import { restoreInput, restoreVector } from '../../model/command/iptables.ts'
import { nftInput } from '../../model/command/nft.ts'
import { sysctlInput, sysctlVector } from '../../model/command/sysctl.ts'
import type { Plan, Step } from '../../model/plan/plan.ts'
import { escapeLines } from '../../model/text/escape.ts'

/** What apply would send to the kernel, as a script that can be read, or pasted into a root shell. */
export function renderCommands(plan: Plan): string {
  return escapeLines(plan.steps.map(step => `# ${step.stage}\n${renderStep(step)}`).join('\n'))
}

function renderStep({ commands }: Step): string {
  const [first] = commands
  switch (first?.tool) {
    case 'ip':
    case 'tc':
      return renderBatch(commandsOf(commands, 'ip', 'tc'))
    case 'iptables-restore':
      return here(restoreVector(first), restoreInput(commandsOf(commands, 'iptables-restore')).text)
    case 'nft':
      return here(['nft', '-f', '-'], nftInput(commandsOf(commands, 'nft')).text)
    case 'sysctl':
      return here(sysctlVector(first.namespace), sysctlInput(commandsOf(commands, 'sysctl')))
    case 'conntrack':
      return here(['conntrack', '-R', '-'], commandsOf(commands, 'conntrack').map(renderFlows).join(''))
    default:
      return commands.map(renderLocal).join('')
  }
}

function renderBatch(commands: BatchCommand[]): string {
  const [first] = commands
  if (!first) return ''
  if (commands.every(isBatchable))
    return here([first.tool, ...placeOptions(first), '-batch', '-'], batchInput(commands))
  return commands.map(command => `${vectorOf(command).map(quoted).join(' ')}\n`).join('')
}

function quoted(word: string): string {
  return /^[A-Za-z0-9._:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** The host's own addresses are filled in when the plan is applied. */
function renderFlows(command: ForgetFlows): string {
  return flowLine(command, command.destination)
}

function renderLocal(command: Command): string {
  switch (command.tool) {
    case 'write':
      return `cat > ${quoted(command.path)} ${document(command.content)}`
    case 'mkdir':
      return `mkdir -p ${quoted(command.path)}\n`
    case 'rmdir':
      return `rmdir --ignore-fail-on-non-empty ${quoted(command.path)}\n`
    case 'unlink':
      return `rm -f ${quoted(command.path)}\n`
    case 'claim':
      return `# recorded in /run/nsctl: ${command.kind} ${command.key} was ${command.before ?? 'not set'}\n`
    case 'release':
      return `# forgotten in /run/nsctl: ${command.kind} ${command.key}\n`
    default:
      return ''
  }
}

function here(command: string[], input: string): string {
  return `${command.map(quoted).join(' ')} ${document(input)}`
}

function document(text: string): string {
  return `<<'EOF'\n${text}EOF\n`
}
