import { explain as explainFlow, type FlowQuestion } from '../../engine/packets/explain.ts'
import { escapeText } from '../../model/text/escape.ts'
import { explanationJson, renderExplanation } from '../../render/explain.ts'
import { type Context, type ReaderOptions, Refused } from '../context.ts'
import { USAGE } from '../exit-codes.ts'
import { hostFor } from '../host.ts'

export interface ExplainOptions extends ReaderOptions, Pick<FlowQuestion, 'uplink' | 'source' | 'family'> {
  format: 'text' | 'json'
}

/** What happens to a packet and why. Exit code 0 where there is an answer, whatever it is. */
export async function explain(
  protocol: FlowQuestion['protocol'],
  from: string,
  to: string,
  { uplink = null, source = null, family = null, format, ...options }: ExplainOptions,
  context: Context,
): Promise<number> {
  const question = { protocol, from, to, uplink, source, family }
  const outcome = await explainFlow(question, hostFor(context, options))
  switch (outcome.kind) {
    case 'explained': {
      const { judgements } = outcome
      const text =
        format === 'json' ? explanationJson(judgements) : renderExplanation(judgements, context.colors)
      context.write(text)
      return 0
    }
    case 'invalidQuestion':
      throw new Refused(`${outcome.part === 'source' ? '--source ' : ''}${escapeText(outcome.why)}`, USAGE)
    case 'noSuchEnd':
      throw new Refused(escapeText(outcome.why))
  }
}
