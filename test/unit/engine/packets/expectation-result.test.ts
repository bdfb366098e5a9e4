import { describe, expect, test } from 'vitest'
import { resultOf, type Trial } from '../../../../src/engine/packets/expectation-result.ts'
import type { Flow, Verdict } from '../../../../src/explain/judgement.ts'
import type { ProbeResult } from '../../../../src/model/plan/verification.ts'
import type { Expectation } from '../../../../src/model/topology.ts'

const source = { file: 'a.yaml', line: 1, column: 1, length: 1 }
const expectation: Expectation = {
  protocol: 'tcp',
  from: 'box',
  to: 'host:80',
  reachable: true,
  open: false,
  source,
}
const unreachable: Expectation = { ...expectation, reachable: false }
const pathOpen: Expectation = { ...expectation, open: true }

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
  unheard?: number
  resets?: number
  errors?: number
  declared?: string | null
}

function trial({
  flow,
  verdict = delivered,
  outcome,
  error = '',
  declared = null,
  ...counted
}: Tried): Trial {
  const whole: Flow = {
    ...{ protocol: 'tcp', family: 'ipv4', from: { place: 'box', input: null }, source: null },
    ...{ destination: '192.0.2.1', port: 80, ...flow },
  }
  return {
    flow: whole,
    judgement: { flow: whole, verdict, request: [], reply: [], immaterial: [] },
    declared,
    sent: outcome
      ? { result: { outcome, error, ms: 3 }, counts: countsOf(counted), errors: counted.errors ?? null }
      : null,
  }
}

function countsOf({ received, unheard, resets }: Tried) {
  if (received === undefined && unheard === undefined && resets === undefined) return null
  return { datagrams: received ?? 0, unheard: unheard ?? 0, resets: resets ?? 0, unreachable: 0 }
}

const leaves: Verdict = { kind: 'leaves', place: 'host', dev: 'ens5', via: null }
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
    [{ outcome: 'failed', error: 'EMFILE' }, null, 'not sent through: EMFILE'],
    [
      { outcome: 'silent', flow: udp },
      null,
      'no answer in 1.5 s: it may be lost, or a server that keeps silent',
    ],
    [
      { outcome: 'silent', flow: udp, verdict: leaves },
      null,
      'no answer in 1.5 s: it may be lost, or a server that keeps silent',
    ],
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

describe('whether a path is open, whoever listens', () => {
  const netns1: Verdict = { kind: 'delivered', place: 'netns1', port: 80, process: null }
  const ignored = { ...dropped, why: 'ignored', place: 'netns1' } as Verdict
  test.each<[string, Tried, boolean | null, string]>([
    ['an answer', { outcome: 'answered', verdict: netns1 }, true, 'connected'],
    [
      'a reset that its end has counted',
      { outcome: 'refused', verdict: netns1, resets: 1 },
      true,
      'open: refused by netns1 itself, nothing listens',
    ],
    [
      'a reset by a rule, which no end has counted',
      { outcome: 'refused', verdict: netns1, resets: 0 },
      false,
      'refused on the way, not by netns1',
    ],
    [
      'a reset by a rule that explain sees',
      { outcome: 'refused', verdict: rejected, declared: 'netns1', resets: 0 },
      false,
      'refused on the way, not by netns1',
    ],
    ['the same where nothing is counted', { outcome: 'refused', verdict: rejected }, false, 'refused'],
    [
      'a reset counted, whatever explain does not know',
      { outcome: 'refused', verdict: open, declared: 'netns1', resets: 2 },
      true,
      'open: refused by netns1 itself, nothing listens',
    ],
    [
      'a datagram for a port that nothing listens on',
      { outcome: 'refused', flow: udp, verdict: netns1, unheard: 1 },
      true,
      'open: refused by netns1 itself, nothing listens',
    ],
    [
      'a port unreachable of a REJECT',
      { outcome: 'refused', flow: udp, verdict: netns1, received: 0 },
      false,
      'refused on the way, not by netns1',
    ],
    [
      'a reset from outside',
      { outcome: 'refused', verdict: leaves, errors: 0 },
      true,
      'open: refused by its end, beyond ens5',
    ],
    [
      'an ICMP error from outside',
      { outcome: 'refused', verdict: leaves, errors: 1 },
      null,
      'refused: by its end or on the way cannot be told from here',
    ],
    [
      'a refused datagram outside',
      { outcome: 'refused', flow: udp, verdict: leaves, errors: 1 },
      null,
      'refused: by its end or on the way cannot be told from here',
    ],
    ['silence', { outcome: 'silent', verdict: netns1 }, false, 'no answer in 1.5 s'],
    [
      'silence outside',
      { outcome: 'silent', verdict: leaves },
      null,
      'no answer in 1.5 s: it may be lost, or nobody who answers',
    ],
    [
      'a silent server',
      { outcome: 'silent', flow: udp, verdict: netns1, received: 3 },
      true,
      'open: received, and not answered',
    ],
    ['no way', { outcome: 'failed', error: 'EHOSTUNREACH' }, false, 'not sent through: EHOSTUNREACH'],
    [
      'pings are ignored',
      { outcome: 'silent', flow: { protocol: 'icmp' }, verdict: ignored },
      true,
      'open: netns1 answers no pings',
    ],
    [
      'the host refuses for a forward that is gone',
      { outcome: 'refused', declared: 'netns1', resets: 1 },
      false,
      'ends in host, not in netns1',
    ],
  ])('%s', (_, tried, reached, what) =>
    expect(resultOf(pathOpen, [trial(tried)])).toMatchObject({ reached, what }),
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

  test('is undetermined, either way, where it cannot be told', () => {
    for (const one of [expectation, unreachable])
      expect(resultOf(one, [silent, unknown])).toMatchObject({
        outcome: 'undetermined',
        holds: false,
        reached: null,
      })
  })

  test('that does not hold says why, and what to do', () => {
    expect(resultOf(expectation, [silent]).why).toEqual([
      'explain: dropped by filter INPUT rule 1',
      'ask whoever made that rule, or accept the packet before it, in host',
    ])
  })

  test('without a flow to try does not hold, whatever it expects', () => {
    for (const one of [expectation, unreachable])
      expect(resultOf(one, [])).toMatchObject({ outcome: 'fails', holds: false, reached: null, by: 'none' })
  })
})
