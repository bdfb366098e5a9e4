import { nameIn } from '../../engine/host/files.ts'
import { type StatusOutcome, status as statusOf } from '../../engine/inspect/status.ts'
import { isLacking } from '../../model/plan/status.ts'
import { renderStatus, statusJson } from '../../render/status.ts'
import { type Context, type ReaderOptions, Refused } from '../context.ts'
import { DIFFERENT } from '../exit-codes.ts'
import { hostFor } from '../host.ts'

export interface StatusOptions extends ReaderOptions {
  format: 'text' | 'json'
  detailedExitcode: boolean
}

/** The live objects of a topology: addresses, published ports and whether something listens, drift, history. */
export async function status(
  target: string | undefined,
  options: StatusOptions,
  context: Context,
): Promise<number> {
  const name = target === undefined ? null : await nameIn(target, context)
  const outcome = await statusOf(name, hostFor(context, options))
  if (outcome.kind !== 'status') throw refusal(outcome)
  const { status: found } = outcome
  context.write(options.format === 'json' ? statusJson(found) : renderStatus(found, context.colors))
  return options.detailedExitcode && (found.sync.state !== 'in-sync' || isLacking(found)) ? DIFFERENT : 0
}

function refusal(outcome: Exclude<StatusOutcome, { kind: 'status' }>): Refused {
  if (outcome.kind === 'several')
    return new Refused(`several topologies on this host: ${outcome.topologies.join(', ')}; name one`)
  const { topology, present } = outcome
  if (topology === null) return new Refused('no topology on this host')
  return new Refused(`nothing of ${topology} on this host; topologies here: ${present.join(', ') || 'none'}`)
}
