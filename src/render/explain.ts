import type { Colors } from 'picocolors/types'
import { type Judgement, outcomeOf, type Verdict } from '../explain/judgement.ts'
import { endpoint } from '../explain/packet.ts'
import { remedyOf } from '../explain/remedy.ts'
import type { Hop, Unknown } from '../explain/world.ts'
import { FAMILY_NAMES } from '../model/address.ts'
import { escapeText } from '../model/text/escape.ts'
import { renderJson } from './json.ts'

/** A walk as people read it: a line for each thing that happens, then the verdict and what to do. */
export function renderExplanation(judgements: Judgement[], colors: Colors): string {
  const [first, ...others] = judgements
  if (!first) return ''
  return renderOne(first, colors) + others.map(other => summaryOf(other, colors)).join('')
}

/** The other family: how it ends; its walk is for whoever asks. */
function summaryOf({ flow, verdict }: Judgement, colors: Colors): string {
  const name = FAMILY_NAMES[flow.family]
  return `${name}: ${paintOf(verdict, colors)(sentence(verdict))} ${colors.dim(`(--family ${flow.family} shows the walk)`)}\n`
}

function renderOne(judgement: Judgement, colors: Colors): string {
  const { verdict, request, reply, immaterial } = judgement
  const remedy = judgement.remedy ?? remedyOf(judgement)
  const lines = [
    colors.dim(headOf(judgement)),
    ...stepLines(request, '', colors),
    ...(reply.length > 0 ? [colors.dim('and back')] : []),
    ...stepLines(reply, '', colors),
    '',
    `${colors.bold(paintOf(verdict, colors)(sentence(verdict)))}`,
    ...(verdict.kind === 'undetermined' ? undeterminedLines(verdict) : []),
    ...remedy.map(line => colors.bold(`  -> ${line}`)),
    ...immaterial.map(({ text }) => colors.dim(`  not evaluated, and of no matter here: ${text}`)),
  ]
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}

function headOf({ flow }: Judgement): string {
  const { protocol, from, source, destination, port } = flow
  const where = from.input === null ? from.place : `outside, by ${from.input}`
  return escapeText(
    `${protocol} ${where}${source === null ? '' : ` as ${source}`} -> ${endpoint(destination, port)}`,
  )
}

function stepLines(steps: Hop[], indent: string, colors: Colors): string[] {
  let place = ''
  return steps.flatMap(step => {
    const head = step.place === place ? [] : [`${indent}${escapeText(step.place)}`]
    place = step.place
    const whose = [
      step.owner ?? '',
      step.source === null ? '' : `${step.source.file}:${step.source.line}`,
    ].filter(text => text !== '')
    const words = [
      step.where,
      withoutTarget(step),
      step.comment === undefined ? '' : `"${step.comment}"`,
      step.effect === '' ? '' : `${step.effect.startsWith('-> ') ? '' : '=> '}${step.effect}`,
    ]
      .filter(text => text !== '')
      .join('  ')
    const tail = whose.length === 0 ? '' : `   ${colors.dim(`[${escapeText(whose.join(' '))}]`)}`
    return [...head, `${indent}  ${escapeText(words)}${tail}`]
  })
}

/** What a rule asks of a packet; what it does with it stands behind. */
function withoutTarget({ what, rule }: Hop): string {
  if (rule === null) return what
  const asked = rule.options.filter(({ module }) => module !== 'comment')
  return asked.map(({ text }) => text).join(' ') || 'every packet'
}

function sentence(verdict: Verdict): string {
  if (verdict.kind === 'undetermined') return 'UNDETERMINED: it depends on what explain does not evaluate'
  const text = escapeText(outcomeOf(verdict))
  if (verdict.kind !== 'failed')
    return `OK: ${text}${verdict.kind === 'delivered' && verdict.process !== null ? ` in ${verdict.place}` : ''}`
  const { owner, source, comment } = verdict
  const whose = [
    owner ?? '',
    comment === undefined ? '' : `"${comment}"`,
    source === null ? '' : `${source.file}:${source.line}`,
  ].filter(part => part !== '')
  return `NO: ${text}${whose.length === 0 ? '' : ` (${escapeText(whose.join(', '))})`}`
}

function undeterminedLines({ unknowns, outcomes }: Extract<Verdict, { kind: 'undetermined' }>): string[] {
  return [
    ...unknowns.map(({ text }) => `  unknown: ${escapeText(text)}`),
    ...outcomes.map(outcome => `  it may be: ${escapeText(outcome)}`),
  ]
}

function paintOf({ kind }: Verdict, colors: Colors): (text: string) => string {
  if (kind === 'failed') return colors.red
  return kind === 'undetermined' ? colors.yellow : colors.green
}

export function explanationJson(judgements: Judgement[]): string {
  return renderJson({
    formatVersion: '1.0',
    explanations: judgements.map(({ flow, verdict, request, reply, immaterial, remedy }) => ({
      protocol: flow.protocol,
      family: flow.family,
      from: flow.from.place,
      input: flow.from.input,
      source: flow.source,
      destination: flow.destination,
      port: flow.port,
      reachable:
        verdict.kind === 'undetermined' ? null : verdict.kind === 'delivered' || verdict.kind === 'leaves',
      verdict: verdictJson(verdict),
      remedy: remedy ?? remedyOf({ flow, verdict, request }),
      request: request.map(stepJson),
      reply: reply.map(stepJson),
      immaterial: immaterial.map(textOf),
    })),
  })
}

function verdictJson(verdict: Verdict) {
  const { kind } = verdict
  if (verdict.kind === 'undetermined')
    return { kind, unknown: verdict.unknowns.map(textOf), outcomes: verdict.outcomes }
  if (verdict.kind !== 'failed') return { ...verdict, text: outcomeOf(verdict) }
  const { why, place, detail, comment, owner, source, direction } = verdict
  return {
    kind,
    why,
    direction,
    place,
    text: detail,
    comment: comment ?? null,
    owner,
    source: source && { file: source.file, line: source.line },
  }
}

function stepJson({ place, where, what, effect, comment, owner, source }: Hop) {
  return {
    place,
    where,
    what,
    effect,
    comment: comment ?? null,
    owner,
    source: source && { file: source.file, line: source.line },
  }
}

function textOf({ text }: Unknown): string {
  return text
}
