import type { Answer, Question } from '../../explain/world.ts'
import { readHostPlace, readNamespacePlace } from '../../kernel/inspect/network-stack.ts'
import { routeGet } from '../../kernel/inspect/route-get.ts'
import type { Run } from '../../kernel/process/run.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { HostAccess } from '../host/access.ts'

/** Answers what packets on their way ask, from the live host. Each question is put to it once, however many ask it. */
export function answersFrom(
  snapshot: Snapshot,
  { run }: Pick<HostAccess, 'run'>,
): (question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return question => {
    const key = JSON.stringify(question)
    const answer = answers.get(key) ?? ask(question, snapshot, run)
    answers.set(key, answer)
    return answer
  }
}

function ask(question: Question, snapshot: Snapshot, run: Run): Promise<Answer> {
  if (question.kind === 'route') return routeGet(run, question.question)
  const { name } = question
  return name === 'host' ? readHostPlace(run, snapshot) : readNamespacePlace(run, name, snapshot)
}
