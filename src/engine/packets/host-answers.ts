import type { WalkAnswer, WalkQuestion } from '../../explain/world.ts'
import {
  findStackElement,
  readHostStack,
  readNamespaceStack,
  readStackElements,
} from '../../kernel/inspect/network-stack.ts'
import { routeGet } from '../../kernel/inspect/route-get.ts'
import type { Run } from '../../kernel/process/run.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { HostAccess } from '../host/access.ts'

/** The reader decides whether netlink may be asked for single elements of sets. */
export type HowToAsk = Pick<HostAccess, 'run'> & Partial<Pick<HostAccess, 'reader' | 'self'>>

/** Answers what packets on their way ask, from the live host. Each question is put to it once, however many ask it. */
export function answersFrom(
  snapshot: Snapshot,
  access: HowToAsk,
): (question: WalkQuestion) => Promise<WalkAnswer> {
  const answers = new Map<string, Promise<WalkAnswer>>()
  const answer = (question: WalkQuestion) => {
    const key = JSON.stringify(question)
    const known = answers.get(key) ?? ask(question, snapshot, access.run)
    answers.set(key, known)
    return known
  }
  return async question => {
    if (question.kind !== 'elements' || question.address === undefined) return answer(question)
    const { address, ...all } = question
    const choice = { reader: access.reader ?? 'auto', program: access.self?.at(-1) ?? '' }
    return findStackElement(choice, all, address) ?? answer(all)
  }
}

function ask(question: WalkQuestion, snapshot: Snapshot, run: Run): Promise<WalkAnswer> {
  if (question.kind === 'route') return routeGet(run, question.question)
  if (question.kind === 'elements') return readStackElements(run, question)
  const { name } = question
  return name === 'host' ? readHostStack(run, snapshot) : readNamespaceStack(run, name, snapshot)
}
