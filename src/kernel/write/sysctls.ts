import { writeFileSync } from 'node:fs'
import { commandsOf } from '../../model/command/command.ts'
import { sysctlInput, sysctlVector } from '../../model/command/sysctl.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Run } from '../process/run.ts'
import { attemptEach, failureOf, type OnFailure } from './attempt.ts'
import { failedLines } from './failed-lines.ts'
import { StepFailed } from './step-failed.ts'

/** Kernel settings of one place: the host's are written here, a namespace's by a process in there. */
export async function applySysctls(run: Run, batch: Batch, onFailure: OnFailure): Promise<StepFailed[]> {
  const commands = commandsOf(batch.commands, 'sysctl')
  const [{ namespace } = { namespace: 'host' }] = commands
  if (namespace === 'host') {
    return attemptEach(
      commands,
      batch,
      onFailure,
      ({ key }) => `sysctl ${key}`,
      ({ key, value }) => writeFileSync(`/proc/sys/${key}`, value),
    )
  }
  // It goes on behind a key that fails, whatever is to become of the rest.
  const input = sysctlInput(commands)
  const [tool, ...args] = sysctlVector(namespace)
  const failure = await failureOf(run(tool, args, { input }))
  if (failure === null) return []
  return failedLines('sysctl', failure.stderr, input).map(({ line, why }) => {
    const change = line === null ? undefined : batch.changes[line]
    return new StepFailed(change ?? null, `sysctl in namespace ${namespace}`, why || failure.message)
  })
}
