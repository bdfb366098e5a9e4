import { commandsOf } from '../../model/command/command.ts'
import type { Batch } from '../../model/plan/plan.ts'
import type { Run } from '../process/run.ts'
import { failureOf, type OnFailure } from './attempt.ts'
import { applyClaims } from './claims.ts'
import { applyFiles } from './files.ts'
import { forgetFlows } from './forget-flows.ts'
import { applyInPlace } from './ip-batches.ts'
import { applyRules } from './iptables.ts'
import { applyNft } from './nft.ts'
import { StepFailed } from './step-failed.ts'
import { applySysctls } from './sysctls.ts'

/** Applies one batch, by one process or one write where nothing fails. Returns what failed. */
export async function applyBatch(
  run: Run,
  topology: string,
  batch: Batch,
  onFailure: OnFailure,
): Promise<StepFailed[]> {
  switch (batch.commands[0]?.tool) {
    case undefined:
      return []
    case 'ip':
    case 'tc':
      return applyInPlace(run, topology, batch, onFailure)
    case 'iptables-restore':
      return applyRules(run, batch, onFailure)
    case 'nft':
      return applyNft(run, batch)
    case 'conntrack': {
      const failure = await failureOf(forgetFlows(run, commandsOf(batch.commands, 'conntrack')))
      return failure === null
        ? []
        : [new StepFailed(null, 'conntrack', failure.stderr.trim() || failure.message)]
    }
    case 'sysctl':
      return applySysctls(run, batch, onFailure)
    case 'claim':
      return applyClaims(run, topology, batch)
    case 'release':
      // Whoever verifies the plan settles its claims afterwards.
      return []
    default:
      return applyFiles(batch, onFailure)
  }
}
