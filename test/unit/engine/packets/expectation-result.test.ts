import { describe, expect, test } from 'vitest'
import { resultOf, type Trial } from '../../../../src/engine/packets/expectation-result.ts'
import type { Flow, Verdict } from '../../../../src/explain/judgement.ts'
import type { ProbeResult } from '../../../../src/model/plan/verification.ts'
import type { Expectation } from '../../../../src/model/topology.ts'

const source = { file: 'a.yaml', line: 1, column: 1, length: 1 }
const expectation: Expectation = { protocol: 'tcp', from: 'box', to: 'host:80', reachable: true, source }
const unreachable: Expectation = { ...expectation, reachable: false }

const delivered: Verdict = { kind: 'delivered', place: 'host', port: 80, process: 'nginx (pid 7)' }
const dropped = {
  ...{ kind: 'failed', why: 'dropped', place: 'host', detail: 'dropped by filter INPUT rule 1' },
  ...{ owner: null, source: null, direction: 'request' },
} as Verdict
const rejected = { ...dropped, why: 'rejected' } as Verdict
const open: Verdict = { kind: 'undetermined', unknowns: [], outcomes: ['a', 'b'] }

interface Tried {
  flow?: Partial<Flow>
  verdict?: Verdict
  outcome?: ProbeResult['outcome']
  error?: string
  received?: number
}

function trial({ flow, verdict = delivered, outcome, error = '', received }: Tried): Trial {
  const whole: Flow = {
    ...{ protocol: 'tcp', family: 'ipv4', from: { place: 'box', input: null }, source: null },
    ...{ destination: '192.0.2.1', port: 80, ...flow },
  }
  return {
    flow: whole,
    judgement: { flow: whole, verdict, request: [], reply: [], immaterial: [] },
    sent: outcome ? { result: { outcome, error, ms: 3 }, received: received ?? null } : null,
  }
}

const udp = { protocol: 'udp' } as const
const outside = { from: { place: 'host', input: 'ens5' } }

describe('what came back', () => {
  test.each<[Tried, boolean | null, string]>([
    [{ outcome: 'answered' }, true, 'connected'],
    [{ outcome: 'answered', flow: udp }, true, 'answered'],
    [{ outcome: 'refused' }, false, 'refused: nothing listens'],
    [{ outcome: 'refused', verdict: rejected }, false, 'refused'],
    [{ outcome: 'failed', error: 'ENETUNREACH' }, false, 'not sent through: ENETUNREACH'],
    [{ outcome: 'silent', verdict: dropped }, false, 'no answer in 1.5 s'],
    [{ outcome: 'silent', flow: udp }, false, 'no answer, and nothing received'],
    [{ outcome: 'silent', flow: udp, received: 0 }, false, 'no answer, and nothing received'],
    [{ outcome: 'silent', flow: udp, received: 3 }, true, 'received by nginx (pid 7), which did not answer'],
    [
      { outcome: 'silent', flow: udp, received: 3, verdict: dropped },
      false,
      'no answer, and nothing received',
    ],
  ])('%j: reached %j: %s', (tried, reached, what) =>
    expect(resultOf(expectation, [trial(tried)])).toMatchObject({ reached, what, by: 'packets', ms: 3 }),
  )
})

describe('where nothing could be sent, the judgement counts', () => {
  test.each<[Tried, boolean | null, string]>([
    [{ flow: outside }, true, 'outside cannot send from here: delivered to nginx (pid 7)'],
    [
      { flow: outside, verdict: dropped },
      false,
      'outside cannot send from here: dropped by filter INPUT rule 1',
    ],
    [{ flow: outside, verdict: open }, null, 'outside cannot send from here: undetermined'],
    [
      { flow: { protocol: 'icmp' } },
      true,
      'no ping on this host to send icmp with: delivered to nginx (pid 7)',
    ],
  ])('%j: reached %j: %s', (tried, reached, what) =>
    expect(resultOf(expectation, [trial(tried)])).toMatchObject({
      ...{ reached, what: `judged by explain, ${what}`, by: 'explain', ms: 0 },
    }),
  )
})

describe('an expectation', () => {
  const silent = trial({ outcome: 'silent', verdict: dropped, flow: { family: 'ipv6' } })
  const answered = trial({ outcome: 'answered' })
  const unknown = trial({ flow: outside, verdict: open })

  test('holds by any family', () => {
    expect(resultOf(expectation, [silent, answered])).toMatchObject({ holds: true, why: [] })
    expect(resultOf(unreachable, [silent, answered])).toMatchObject({ holds: false, reached: true })
    expect(resultOf(unreachable, [silent])).toMatchObject({ holds: true, why: [] })
  })

  test('does not hold, either way, where it cannot be told', () => {
    expect(resultOf(expectation, [silent, unknown])).toMatchObject({ holds: false, reached: null })
    expect(resultOf(unreachable, [silent, unknown])).toMatchObject({ holds: false, reached: null })
  })

  test('that does not hold says why, and what to do', () => {
    expect(resultOf(expectation, [silent]).why).toEqual([
      'explain: dropped by filter INPUT rule 1',
      'ask whoever made that rule, or accept the packet before it, in host',
    ])
  })

  test('without a flow to try does not hold, whatever it expects', () => {
    for (const one of [expectation, unreachable])
      expect(resultOf(one, [])).toMatchObject({ holds: false, reached: null, by: 'none' })
  })
})
