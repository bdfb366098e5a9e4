import { batchInput, isBatchable, placeOptions, restoreInput, restoreTool } from '../model/batch.ts'
import { escapeLines } from '../model/escape.ts'
import type { Command, Plan, Step } from '../model/plan.ts'

type Of<Tool extends Command['tool']> = Extract<Command, { tool: Tool }>

/** What apply would send to the kernel, as a script that can be read, or pasted into a root shell. */
export function renderCommands(plan: Plan): string {
  return escapeLines(plan.steps.map(step => `# ${step.stage}\n${renderStep(step)}`).join('\n'))
}

function renderStep({ commands }: Step): string {
  const [first] = commands
  switch (first?.tool) {
    case 'ip':
    case 'tc':
      return renderBatch(commands as Of<'ip' | 'tc'>[])
    case 'iptables-restore': {
      const { text } = restoreInput(commands as Of<'iptables-restore'>[])
      return here([restoreTool(first), '--noflush', '--wait', '10'], text)
    }
    case 'sysctl': {
      const settings = (commands as Of<'sysctl'>[]).map(({ key, value }) => `${key}=${value}\n`).join('')
      const enter = first.namespace === 'host' ? [] : ['ip', 'netns', 'exec', first.namespace]
      return here([...enter, 'sysctl', '-q', '-p', '-'], settings)
    }
    case 'conntrack':
      return here(['conntrack', '-R', '-'], (commands as Of<'conntrack'>[]).flatMap(renderFlows).join(''))
    default:
      return commands.map(renderLocal).join('')
  }
}

function renderBatch(commands: Of<'ip' | 'tc'>[]): string {
  const [first] = commands
  if (!first) return ''
  if (commands.every(isBatchable))
    return here([first.tool, ...placeOptions(first), '-batch', '-'], batchInput(commands))
  const lines = commands.map(command =>
    [command.tool, ...placeOptions(command), ...command.args].map(quoted).join(' '),
  )
  return lines.map(line => `${line}\n`).join('')
}

function quoted(word: string): string {
  return /^[A-Za-z0-9._:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** The host's own addresses are filled in when the plan is carried out. */
function renderFlows({ family, match, destination }: Of<'conntrack'>): string[] {
  const options = Object.entries(match).map(([name, value]) => `--${name} ${value}`)
  return [
    `${['-D', '-f', family, ...options, ...(destination ? [`--orig-dst ${destination}`] : [])].join(' ')}\n`,
  ]
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
