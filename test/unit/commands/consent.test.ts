import { describe, expect, test } from 'vitest'
import { approval, losesSomething } from '../../../src/commands/change/consent.ts'
import { exitCodeOf } from '../../../src/commands/exit-codes.ts'
import { Interrupted } from '../../../src/model/plan/interrupted.ts'
import { planTopology } from '../../../src/planner/plan.ts'
import { loadTopology } from '../../../src/topology/load.ts'
import { FRESH } from '../planner/topologies.ts'
import { terminal } from './terminal.ts'

const { topology } = loadTopology('name: web\nnamespaces: { a: {} }\n', 'web.yaml', {})
const creating = planTopology(topology, FRESH)
const deleting = { ...creating, summary: { ...creating.summary, delete: 1 } }
const asked: string[] = []
const answering = (answer: boolean) => async (question: string) => {
  asked.push(question)
  return answer
}

describe('approval of a plan', () => {
  test('that only creates goes ahead without a question, terminal or not', async () => {
    const { context } = terminal({ ask: null })
    await expect(approval(losesSomething, { yes: false }, context)(creating)).resolves.toBe(true)
  })

  test('that deletes is asked for on a terminal, and the answer counts', async () => {
    for (const answer of [true, false]) {
      const { context } = terminal({ ask: answering(answer) })
      await expect(approval(losesSomething, { yes: false }, context)(deleting)).resolves.toBe(answer)
    }
    expect(asked).toEqual(['Change web as shown?', 'Change web as shown?'])
  })

  test('that deletes needs --yes where there is no terminal', async () => {
    const { context } = terminal({ ask: null })
    const refusal = await approval(losesSomething, { yes: false }, context)(deleting).catch(error => error)
    expect(refusal.message).toContain('add --yes; nothing was changed')
    expect(exitCodeOf(refusal)).toBe(1)
    await expect(approval(losesSomething, { yes: true }, context)(deleting)).resolves.toBe(true)
  })

  test('that is interrupted with Ctrl-C changes nothing and says so by its exit code', async () => {
    const ask = async () => {
      throw new Interrupted('SIGINT')
    }
    const { context } = terminal({ ask })
    const refusal = await approval(losesSomething, { yes: false }, context)(deleting).catch(error => error)
    expect(refusal.message).toContain('nothing was changed')
    expect(exitCodeOf(refusal)).toBe(130)
  })
})
