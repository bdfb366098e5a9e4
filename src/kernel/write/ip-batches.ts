import {
  type BatchCommand,
  batchInput,
  isBatchable,
  placeOptions,
  vectorOf,
} from '../../model/command/batch.ts'
import { commandsOf } from '../../model/command/command.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Run } from '../process/run.ts'
import { entering, pathOf } from '../read/in-namespaces.ts'
import { failureOf, type OnFailure } from './attempt.ts'
import { deleteTogether } from './delete-links.ts'
import { failedLines } from './failed-lines.ts'
import { StepFailed } from './step-failed.ts'
import { withUnlinkedFiles } from './unlinked-file.ts'

/** Commands of `ip` or of `tc` in one place: one process for all of them, as far as they can be lines of a batch. */
export async function applyInPlace(
  run: Run,
  topology: string,
  batch: Batch,
  onFailure: OnFailure,
): Promise<StepFailed[]> {
  if (await deleteTogether(run, topology, batchCommands(batch))) return []
  const failures: StepFailed[] = []
  for (const part of partsOf(batch)) {
    failures.push(...(await applyPart(run, part, onFailure)))
    if (onFailure === 'stop' && failures.length > 0) break
  }
  return failures
}

/** Whether a batch is inside a namespace, and can be sent together with those of other namespaces. */
export function isNamespaceBatch(batch: Batch): boolean {
  const commands = batchCommands(batch)
  const [first] = commands
  return (
    first !== undefined &&
    first.namespace !== 'host' &&
    !placeOptions(first).includes('-6') &&
    commands.every(isBatchable)
  )
}

/**
 * The batches of several namespaces. To start a process from here costs some milliseconds, and `ip -n` copies every
 * mount, of which each namespace is one: so `xargs` starts them, and `nsenter` takes them there.
 */
export async function applyInNamespaces(
  runner: Run,
  batches: Batch[],
  onFailure: OnFailure,
): Promise<StepFailed[]> {
  const inputs = batches.map(batch => batchInput(batchCommands(batch)))
  return withUnlinkedFiles(runner, inputs, async (run, paths) => {
    const argv = batches.map((batch, i) => {
      const { tool, namespace } = batchCommands(batch)[0] as BatchCommand
      return entering(namespace, [pathOf(tool), ...batchOptions(onFailure, paths[i] ?? '')])
    })
    const each = String(argv[0]?.length ?? 0)
    const input = argv.flat().join('\0')
    const failure = await failureOf(run('xargs', ['-0', '-n', each, pathOf('nsenter')], { input }))
    if (failure === null) return []
    return failedLines('ip', failure.stderr, '').map(({ file, line, why }) => {
      const batch = batches[paths.indexOf(file ?? '')]
      return batch
        ? failureAt(batch, line, why)
        : new StepFailed(null, 'ip in namespaces', why || failure.message)
    })
  })
}

/** Neighbours that can be lines of a batch, and each of the others by itself. */
function partsOf({ commands, changes }: Batch): Batch[] {
  const parts: Batch[] = []
  let wasBatchable = false
  for (const [i, command] of commandsOf(commands, 'ip', 'tc').entries()) {
    const own = changes.slice(i, i + 1)
    const batchable = isBatchable(command)
    const last = batchable && wasBatchable ? parts.at(-1) : undefined
    if (last) {
      last.commands.push(command)
      last.changes.push(...own)
    } else parts.push({ commands: [command], changes: own })
    wasBatchable = batchable
  }
  return parts
}

async function applyPart(run: Run, part: Batch, onFailure: OnFailure): Promise<StepFailed[]> {
  const commands = batchCommands(part)
  const [first] = commands
  if (!first) return []
  if (!isBatchable(first)) {
    const [tool, ...args] = vectorOf(first)
    const failure = await failureOf(run(tool, args))
    return failure === null ? [] : [failureAt(part, 0, failure.stderr.trim() || failure.message)]
  }
  const input = batchInput(commands)
  const args = [...placeOptions(first), ...batchOptions(onFailure, '-')]
  const failure = await failureOf(run(first.tool, args, { input }))
  if (failure === null) return []
  return failedLines(first.tool, failure.stderr, input).map(({ line, why }) =>
    failureAt(part, line, why || failure.message),
  )
}

/** With -force, `ip` and `tc` go on behind a line that fails. */
function batchOptions(onFailure: OnFailure, file: string): string[] {
  return onFailure === 'collect' ? ['-force', '-batch', file] : ['-batch', file]
}

function failureAt(batch: Batch, line: number | null, why: string): StepFailed {
  const commands = batchCommands(batch)
  const command = line === null ? undefined : commands[line]
  if (line !== null && command)
    return new StepFailed(batch.changes[line] ?? null, vectorOf(command).join(' '), why)
  return new StepFailed(null, `${commands[0]?.tool} in ${commands[0]?.namespace}`, why)
}

function batchCommands({ commands }: Batch): BatchCommand[] {
  return commandsOf(commands, 'ip', 'tc')
}
