import pino from 'pino'
import { answersFrom } from '../../../src/engine/packets/host-answers.ts'
import { drive } from '../../../src/explain/drive.ts'
import { flowsNamed, type NamedFlow } from '../../../src/explain/endpoints.ts'
import { judge } from '../../../src/explain/judge.ts'
import type { Judgement } from '../../../src/explain/judgement.ts'
import { createRunner } from '../../../src/kernel/process/run.ts'
import { readSnapshot } from '../../../src/kernel/read/snapshot.ts'

/**
 * Explains many flows of the host it runs in at once: `judgements[0]` with the kernel asked for every route, `[1]` by
 * its tables alone, as of a host that is only planned.
 */
const named = JSON.parse(process.argv[2] ?? '[]') as NamedFlow[]
const run = createRunner(pino({ level: 'silent' }))
const snapshot = await readSnapshot(
  run,
  { sysctls: [], variant: 'auto', rules6: [] },
  { claims: [], journal: null },
)
const answers = answersFrom(snapshot, { run })
const results: (string | Judgement[])[] = []
for (const one of named) {
  const flows = flowsNamed(one, snapshot)
  const [flow] = typeof flows === 'string' ? [] : flows
  if (!flow) {
    results.push(String(flows))
    continue
  }
  const asked = await drive(
    judge(flow, () => null),
    answers,
  )
  const modelled = await drive(
    judge(flow, () => null),
    async question => (question.kind === 'route' ? null : answers(question)),
  )
  results.push([asked, modelled])
}
console.log(JSON.stringify(results))
