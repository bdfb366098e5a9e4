import { explain as explainFlow } from '../engine/packets/explain.ts'
import type { Protocol } from '../explain/packet.ts'
import type { Family } from '../model/address.ts'
import { escapeText } from '../model/escape.ts'
import { explanationJson, renderExplanation } from '../render/explain.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { USAGE } from './exit-codes.ts'
import { hostFor } from './host.ts'

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
  { uplink, source, family, format, ...options }: ExplainOptions,
  context: Context,
): Promise<number> {
  const question = {
    protocol,
    from,
    to,
    uplink: uplink ?? null,
    source: source ?? null,
    family: family ?? null,
  }
  const outcome = await explainFlow(question, hostFor(context, options))
  if (outcome.kind === 'invalidQuestion') {
    const option = outcome.part === 'source' ? '--source ' : ''
    throw new Refused(`${option}${escapeText(outcome.why)}`, USAGE)
  }
  if (outcome.kind === 'noSuchEnd') throw new Refused(escapeText(outcome.why))
  const { judgements } = outcome
  context.write(
    format === 'json' ? explanationJson(judgements) : renderExplanation(judgements, context.colors),
  )
  return 0
}
