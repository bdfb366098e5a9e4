import pc from 'picocolors'
import { expect, test } from 'vitest'
import type { ExpectationResult } from '../../../src/model/plan/verification.ts'
import { renderVerification, verificationJunit } from '../../../src/render/verify.ts'

const source = { file: 'a&b.yaml', line: 20, column: 5, length: 1 }
const RESULTS: ExpectationResult[] = [
  {
    expectation: { from: 'netns1', to: 'host:22', protocol: 'tcp', reachable: true, source },
    ...{ holds: true, reached: true, by: 'packets', what: 'connected', ms: 3, why: [] },
  },
  {
    expectation: { from: 'outside', to: 'host:6000', protocol: 'udp', reachable: false, source },
    ...{
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
    <testsuites name="nsctl verify" tests="2" failures="1" errors="0" time="0.003">
      <testsuite name="web" tests="2" failures="1" errors="0" time="0.003">
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
