import { ipBatchArgs, ipBatchInput, isBatchable, restoreInput, restoreTool } from '../model/batch.ts'
import type { Command, Plan, Step } from '../model/plan.ts'

type Of<Tool extends Command['tool']> = Extract<Command, { tool: Tool }>

/** What apply would send to the kernel, as a script that can be read, or pasted into a root shell. */
export function renderCommands(plan: Plan): string {
  return plan.steps.map(step => `# ${step.stage}\n${renderStep(step)}`).join('\n')
}

function renderStep({ commands }: Step): string {
  const [first] = commands
  switch (first?.tool) {
    case 'ip':
      return renderIp(first.namespace, commands as Of<'ip'>[])
    case 'iptables-restore': {
      const { text } = restoreInput(commands as Of<'iptables-restore'>[])
      return here([restoreTool(first), '--noflush', '--wait', '10'], text)
    }
    case 'sysctl': {
      const settings = (commands as Of<'sysctl'>[]).map(({ key, value }) => `${key}=${value}\n`).join('')
      const enter = first.namespace === 'host' ? [] : ['ip', 'netns', 'exec', first.namespace]
      return here([...enter, 'sysctl', '-q', '-p', '-'], settings)
    }
    default:
      return commands.map(renderLocal).join('')
  }
}

function renderIp(namespace: string, commands: Of<'ip'>[]): string {
  if (commands.every(isBatchable))
    return here(['ip', ...ipBatchArgs(namespace), '-batch', '-'], ipBatchInput(commands))
  const lines = commands.map(({ args }) => ['ip', ...ipBatchArgs(namespace), ...args].map(quoted).join(' '))
  return lines.map(line => `${line}\n`).join('')
}

function quoted(word: string): string {
  return /^[A-Za-z0-9._:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function renderLocal(command: Command): string {
  switch (command.tool) {
    case 'write':
      return here([`cat > ${command.path}`], command.content)
    case 'mkdir':
      return `mkdir -p ${command.path}\n`
    case 'rmdir':
      return `rmdir --ignore-fail-on-non-empty ${command.path}\n`
    case 'unlink':
      return `rm -f ${command.path}\n`
    case 'claim':
      return `# recorded in /run/nsctl: ${command.kind} ${command.key} was ${command.before ?? 'not set'}\n`
    case 'release':
      return `# forgotten in /run/nsctl: ${command.kind} ${command.key}\n`
    default:
      return ''
  }
}

function here(command: string[], input: string): string {
  return `${command.join(' ')} <<'EOF'\n${input}EOF\n`
}
