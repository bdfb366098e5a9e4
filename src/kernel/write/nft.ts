import { commandsOf } from '../../model/command/command.ts'
import { nftInput } from '../../model/command/nft.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Run } from '../process/run.ts'
import { failureOf } from './attempt.ts'
import { StepFailed } from './step-failed.ts'

/** One transaction: all of it, or nothing. */
export async function applyNft(run: Run, batch: Batch): Promise<StepFailed[]> {
  const { text, origin } = nftInput(commandsOf(batch.commands, 'nft'))
  const failure = await failureOf(run('nft', ['-f', '-'], { input: text }))
  if (failure === null) return []
  const [, number] = /^\S+?:(\d+):/m.exec(failure.stderr) ?? []
  const line = Number(number) - 1
  const command = text.split('\n')[line] ?? ''
  const why = failure.stderr.trim().split('\n', 1)[0] || failure.message
  return [new StepFailed(batch.changes[origin[line] ?? -1] ?? null, `nft ${command}`.trim(), why)]
}
