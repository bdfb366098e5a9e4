import { batchInput, isBatchable, placeOptions } from '../model/batch.ts'
import type { Command, Step } from '../model/plan.ts'
import { deleteTogether } from './delete-links.ts'
import { entering, pathOf } from './in-namespaces.ts'
import { CommandFailed, type Run } from './run.ts'
import { StepFailed } from './step-failed.ts'
import { withUnlinkedFiles } from './unlinked-file.ts'

type Ip = Extract<Command, { tool: 'ip' | 'tc' }>

/** Commands of `ip` or `tc` in one place: one process for all of them. */
export async function executeBatch(run: Run, topology: string, step: Step): Promise<void> {
  const commands = step.commands as Ip[]
  const [first] = commands
  if (!first) return
  const doomed = deletedLinks(commands)
  if (doomed !== null) {
    // What cannot be deleted together is told by its own command.
    const gone = await deleteTogether(run, topology, doomed).catch(() => false)
    if (gone) return
  }
  if (!commands.every(isBatchable)) {
    for (const [i, command] of commands.entries()) {
      await run(command.tool, [...placeOptions(command), ...command.args]).catch(error => {
        throw failureAt(step, i, error)
      })
    }
    return
  }
  try {
    await run(first.tool, [...placeOptions(first), '-batch', '-'], { input: batchInput(commands) })
  } catch (error) {
    const line = error instanceof CommandFailed ? /^Command failed -:(\d+)/m.exec(error.stderr)?.[1] : null
    throw failureAt(step, line == null ? null : Number(line) - 1, error)
  }
}

/** Names of the host's links that a batch deletes, if that is all it does. */
function deletedLinks(commands: Ip[]): string[] | null {
  const names = commands.flatMap(({ namespace, args: [object, verb, dev, name, ...rest] }) => {
    const deletes = object === 'link' && verb === 'del' && dev === 'dev' && rest.length === 0
    return namespace === 'host' && deletes && name !== undefined && /^[\w.-]+$/.test(name) ? [name] : []
  })
  return names.length === commands.length ? names : null
}

/** Whether a step is a batch inside a namespace, which can be sent together with those of other namespaces. */
export function isNamespaceBatch({ commands }: Step): boolean {
  const [first] = commands
  return (
    (first?.tool === 'ip' || first?.tool === 'tc') &&
    first.namespace !== 'host' &&
    (first.tool === 'tc' || first.family === undefined) &&
    (commands as Ip[]).every(isBatchable)
  )
}

/**
 * The batches of several namespaces. To start a process from here costs some milliseconds, and `ip -n` copies every
 * mount, of which each namespace is one: so `xargs` starts them, and `nsenter` takes them there.
 */
export async function executeBatches(runner: Run, steps: Step[]): Promise<void> {
  const inputs = steps.map(({ commands }) => batchInput(commands as Ip[]))
  await withUnlinkedFiles(runner, inputs, async (run, paths) => {
    const argv = steps.map(({ commands }, i) => {
      const { tool, namespace } = commands[0] as Ip
      return entering(namespace, [pathOf(tool), '-batch', paths[i] ?? ''])
    })
    const each = String(argv[0]?.length ?? 0)
    try {
      await run('xargs', ['-0', '-n', each, pathOf('nsenter')], { input: argv.flat().join('\0') })
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      const [, path, line] = /^Command failed (\/proc\/\d+\/fd\/\d+):(\d+)/m.exec(error.stderr) ?? []
      const step = steps[paths.indexOf(path ?? '')]
      throw step
        ? failureAt(step, Number(line) - 1, error)
        : new StepFailed(null, 'ip in namespaces', error.stderr.trim() || error.message)
    }
  })
}

function failureAt(step: Step, index: number | null, error: unknown): unknown {
  if (!(error instanceof CommandFailed)) return error
  const commands = step.commands as Ip[]
  const command = index === null ? undefined : commands[index]
  const why = error.stderr.replace(/^Command failed \S+:\d+\s*$/m, '').trim() || error.message
  if (index === null || !command) {
    return new StepFailed(null, `${error.tool} in ${commands[0]?.namespace ?? 'host'}`, why)
  }
  const shown = [command.tool, ...placeOptions(command), ...command.args].join(' ')
  return new StepFailed(step.changes[index] ?? null, shown, why)
}
