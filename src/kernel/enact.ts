import { batchInput, isBatchable, placeOptions, restoreInput, restoreTool } from '../model/batch.ts'
import type { Command } from '../model/plan.ts'
import { CommandFailed, type Run } from './run.ts'

type Of<Tool extends Command['tool']> = Extract<Command, { tool: Tool }>

/**
 * Carries out as much of the commands as can be, in order; returns what could not, each with the kernel's reason. All of
 * it goes through `run`: whose host that is, is for its caller to say.
 */
export async function enact(run: Run, commands: Command[]): Promise<string[]> {
  const failures: string[] = []
  for (const batch of batchesOf(commands)) failures.push(...(await enactBatch(run, batch)))
  return failures
}

/** Neighbours of one sort in one place. */
function batchesOf(commands: Command[]): Command[][] {
  const batches: Command[][] = []
  let last = ''
  for (const command of commands) {
    const key = sortOf(command)
    if (key === last && key !== '') batches.at(-1)?.push(command)
    else batches.push([command])
    last = key
  }
  return batches
}

function sortOf(command: Command): string {
  if (command.tool === 'ip' || command.tool === 'tc') {
    return isBatchable(command) ? [command.tool, ...placeOptions(command)].join(' ') : ''
  }
  return command.tool === 'sysctl' ? `sysctl ${command.namespace}` : ''
}

async function enactBatch(run: Run, batch: Command[]): Promise<string[]> {
  const [first] = batch
  switch (first?.tool) {
    case 'ip':
    case 'tc':
      return isBatchable(first)
        ? linesOfBatch(run, batch as Of<'ip' | 'tc'>[])
        : said(shown(first), () => run(first.tool, [...placeOptions(first), ...first.args]))
    case 'sysctl':
      return sysctls(run, batch as Of<'sysctl'>[])
    case 'iptables-restore':
      return restore(run, first)
    case 'mkdir':
      return said(first.path, () => run('mkdir', ['-p', first.path]))
    case 'write':
      return said(first.path, () => run('tee', [first.path], { input: first.content }))
    default:
      return first ? [`${first.tool}: not a command of a replay`] : []
  }
}

/** With -force, `ip` and `tc` go on behind a line that fails, and say which it was. */
async function linesOfBatch(run: Run, batch: Of<'ip' | 'tc'>[]): Promise<string[]> {
  const [first] = batch
  if (!first) return []
  const args = [...placeOptions(first), '-force', '-batch', '-']
  const { stderr } = await run(first.tool, args, { input: batchInput(batch), accept: [1, 2] })
  const reasons: string[] = []
  return stderr.split('\n').flatMap(line => {
    const [, number] = /^Command failed -:(\d+)/.exec(line) ?? []
    if (number === undefined) {
      if (line !== '') reasons.push(line)
      return []
    }
    const command = batch[Number(number) - 1]
    return command ? [`${shown(command)}: ${reasons.splice(0).join(' ')}`] : []
  })
}

/** `sysctl` goes on behind a key that fails as well, with a line for each. */
async function sysctls(run: Run, batch: Of<'sysctl'>[]): Promise<string[]> {
  const [{ namespace } = { namespace: 'host' }] = batch
  const enter = namespace === 'host' ? [] : ['netns', 'exec', namespace, 'sysctl']
  const input = batch.map(({ key, value }) => `${key}=${value}\n`).join('')
  const { stderr } = await run(enter.length > 0 ? 'ip' : 'sysctl', [...enter, '-q', '-p', '-'], {
    input,
    accept: [1, 255],
  })
  return stderr.split('\n').filter(line => line !== '')
}

/** As many lines of a table may be of modules or sets that are not there; the others are worth having without. */
const MOST_LINES_DROPPED = 50

async function restore(run: Run, table: Of<'iptables-restore'>): Promise<string[]> {
  const failures: string[] = []
  let { lines } = table
  while (failures.length < MOST_LINES_DROPPED) {
    const { text } = restoreInput([{ ...table, lines }])
    try {
      await run(restoreTool(table), ['--noflush', '--wait', '10'], { input: text })
      return failures
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      const [, number] = /line:? (\d+)/i.exec(error.stderr) ?? []
      const line = text.split('\n')[Number(number) - 1]
      const [why = error.message] = error.stderr.split('\n')
      if (line === undefined || !lines.includes(line)) return [...failures, `table ${table.table}: ${why}`]
      failures.push(`${restoreTool(table)}: ${line}: ${why}`)
      lines = lines.filter(other => other !== line)
    }
  }
  return [...failures, `table ${table.table}: too many lines failed`]
}

async function said(what: string, act: () => Promise<unknown>): Promise<string[]> {
  try {
    await act()
    return []
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    return [`${what}: ${error.stderr.trim() || error.message}`]
  }
}

function shown(command: Of<'ip' | 'tc'>): string {
  return [command.tool, ...placeOptions(command), ...command.args].join(' ')
}
