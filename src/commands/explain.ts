import { createWorld, readRuleSources } from '../engine/packets/world.ts'
import { drive } from '../explain/drive.ts'
import { flowsNamed, targetNamed } from '../explain/endpoints.ts'
import { type Judgement, judge } from '../explain/judge.ts'
import type { Protocol } from '../explain/packet.ts'
import { type Family, parseAddress } from '../model/address.ts'
import { escapeText } from '../model/escape.ts'
import { explanationJson, renderExplanation } from '../render/explain.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { USAGE } from './exit-codes.ts'
import { hostFor } from './host.ts'
import { readLive } from './live.ts'

export interface ExplainOptions extends HostOptions {
  uplink?: string
  source?: string
  family?: Family
  format: 'text' | 'json'
}

/** What happens to a packet and why. Exit code 0 where there is an answer, whatever it is. */
export async function explain(
  protocol: Protocol,
  from: string,
  to: string,
  options: ExplainOptions,
  context: Context,
): Promise<number> {
  if (options.source !== undefined && parseAddress(options.source) === null)
    throw new Refused(`--source ${escapeText(options.source)}: is no address`, USAGE)
  const target = targetNamed({ protocol, to })
  if (typeof target === 'string') throw new Refused(escapeText(target), USAGE)
  const snapshot = await readLive(context, options, null)
  const { uplink = null, source = null, family = null } = options
  const flows = flowsNamed({ protocol, from, to, family, uplink, source }, snapshot)
  if (typeof flows === 'string') throw new Refused(escapeText(flows))
  const world = createWorld(snapshot, context)
  const sourceOf = await readRuleSources(hostFor(context, options))
  const judgements: Judgement[] = []
  for (const flow of flows) judgements.push(await drive(judge(flow, sourceOf), world))
  context.write(
    options.format === 'json' ? explanationJson(judgements) : renderExplanation(judgements, context.colors),
  )
  return 0
}
