import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { ExpectationResult } from '../../../src/model/plan/verification.ts'
import { renderVerification, verificationJson, verificationJunit } from '../../../src/render/verify.ts'

const source = { file: 'a&b.yaml', line: 20, column: 5, length: 1 }
const RESULTS: ExpectationResult[] = [
  {
    expectation: { from: 'netns1', to: 'host:22', protocol: 'tcp', reachable: true, open: false, source },
    ...{ outcome: 'holds', holds: true, reached: true, by: 'packets', what: 'connected', ms: 3, why: [] },
  },
  {
    expectation: { from: 'outside', to: 'host:6000', protocol: 'udp', reachable: false, open: false, source },
    ...{
      outcome: 'fails',
      holds: false,
      reached: true,
      by: 'explain',
      what: 'delivered to "a<b>"\u0007 & co',
      ms: 0,
      why: ["it's"],
    },
  },
]

test('text tells what holds, and of the rest why and where', () => {
  expect(renderVerification(RESULTS, pc.createColors(false))).toMatchInlineSnapshot(`
    "holds  tcp netns1 -> host:22                 connected (3 ms)
    FAILS  udp outside -> host:6000 unreachable  delivered to "a<b>"\\u{7} & co   a&b.yaml:20
             it's
    2 expectations: 1 not as expected.
    "
  `)
})

test('JUnit is XML whatever the host holds', () => {
  expect(verificationJunit('web', RESULTS)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="nsctl verify" tests="2" failures="1" errors="0" skipped="0" time="0.003">
      <testsuite name="web" tests="2" failures="1" errors="0" skipped="0" time="0.003">
        <testcase name="tcp netns1 -&gt; host:22" classname="web" file="a&amp;b.yaml" line="20" time="0.003"/>
        <testcase name="udp outside -&gt; host:6000 unreachable" classname="web" file="a&amp;b.yaml" line="20" time="0.000">
          <failure message="delivered to &quot;a&lt;b&gt;&quot;\\u{7} &amp; co">delivered to &quot;a&lt;b&gt;&quot;\\u{7} &amp; co
    it&apos;s</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `)
})

describe('what is undetermined', () => {
  const undetermined: ExpectationResult = {
    expectation: { from: 'netns1', to: '192.0.2.1:53', protocol: 'udp', reachable: true, open: true, source },
    ...{ outcome: 'undetermined', holds: false, reached: null, by: 'packets', what: 'no answer', ms: 4 },
    why: ['look'],
  }
  const holding = RESULTS.filter(({ holds }) => holds)

  test('stands apart from what holds, and from what does not', () => {
    expect(renderVerification([...holding, undetermined], pc.createColors(false))).toMatchInlineSnapshot(`
      "holds         tcp netns1 -> host:22            connected (3 ms)
      undetermined  udp netns1 -> 192.0.2.1:53 open  no answer (4 ms)   a&b.yaml:20
               look
      2 expectations: 1 undetermined.
      "
    `)
    expect(renderVerification([...RESULTS, undetermined], pc.createColors(false))).toMatch(
      /^3 expectations: 1 not as expected, 1 undetermined\.$/m,
    )
  })

  test('is no failure for CI', () => {
    expect(verificationJunit('web', [undetermined])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="nsctl verify" tests="1" failures="0" errors="0" skipped="1" time="0.004">
        <testsuite name="web" tests="1" failures="0" errors="0" skipped="1" time="0.004">
          <testcase name="udp netns1 -&gt; 192.0.2.1:53 open" classname="web" file="a&amp;b.yaml" line="20" time="0.004">
            <skipped message="undetermined: no answer">no answer
      look</skipped>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `)
    expect(JSON.parse(verificationJson('web', [...holding, undetermined]))).toMatchObject({
      outcome: 'undetermined',
      holds: false,
      expectations: [{ outcome: 'holds' }, { outcome: 'undetermined', open: true, holds: false }],
    })
  })
})
