import { drive } from '../../explain/drive.ts'
import { judge } from '../../explain/judge.ts'
import type { Flow, Judgement } from '../../explain/judgement.ts'
import { remedyOf } from '../../explain/remedy.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { HostAccess } from '../host/access.ts'
import { appliedOn } from './applied-topologies.ts'
import { answersFrom, type HowToAsk } from './host-answers.ts'
import { ruleSourcesOf } from './rule-sources.ts'

/** `whole`: as the flow is; `path`: as if something listened wherever it ends. */
export type Asked = 'whole' | 'path'

/** Judges flows on the live host: what becomes of a packet, and of the answer to it. Sends nothing. */
export async function judgeOnHost(
  snapshot: Snapshot,
  access: HowToAsk & Pick<HostAccess, 'environment'>,
): Promise<(flow: Flow, asked?: Asked) => Promise<Judgement>> {
  const answers = answersFrom(snapshot, access)
  const applied = await appliedOn(snapshot, access)
  const sourceOf = ruleSourcesOf(applied)
  return async (flow, asked = 'whole') => {
    const judgement = await drive(judge(flow, sourceOf), async question => {
      const answer = await answers(question)
      return asked === 'path' && answer !== null && 'listeners' in answer
        ? { ...answer, allListening: true }
        : answer
    })
    return { ...judgement, remedy: remedyOf(judgement, applied) }
  }
}
