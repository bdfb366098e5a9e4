import type { WalkAnswer, WalkQuestion } from '../../explain/world.ts'
import { readHostStack, readNamespaceStack, readStackElements } from '../../kernel/inspect/network-stack.ts'
import { routeGet } from '../../kernel/inspect/route-get.ts'
import type { Run } from '../../kernel/process/run.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { HostAccess } from '../host/access.ts'

/** Answers what packets on their way ask, from the live host. Each question is put to it once, however many ask it. */
export function answersFrom(
  snapshot: Snapshot,
  { run }: Pick<HostAccess, 'run'>,
): (question: WalkQuestion) => Promise<WalkAnswer> {
  const answers = new Map<string, Promise<WalkAnswer>>()
  return question => {
    const key = JSON.stringify(question)
    const answer = answers.get(key) ?? ask(question, snapshot, run)
    answers.set(key, answer)
    return answer
  }
}

function ask(question: WalkQuestion, snapshot: Snapshot, run: Run): Promise<WalkAnswer> {
  if (question.kind === 'route') return routeGet(run, question.question)
  if (question.kind === 'elements') return readStackElements(run, question)
  const { name } = question
  return name === 'host' ? readHostStack(run, snapshot) : readNamespaceStack(run, name, snapshot)
}
