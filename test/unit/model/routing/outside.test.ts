import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PolicyRule, Route } from '../../../../src/model/host/snapshot.ts'
import { waysOut } from '../../../../src/model/routing/outside.ts'

const route = (table: number, dev: string): Route => ({
  ...{ family: 'ipv4', to: '0.0.0.0/0', via: null, dev, table, protocol: 3, metric: 0 },
  ...{ type: 'unicast', source: null },
})
const routes = [route(254, 'ens5'), route(52, 'ts0'), route(53, 'wg0')]

const selector = fc.constantFrom<PolicyRule['selector']>(
  {},
  { not: '' },
  { iif: 'veth0' },
  { fwmark: 7, fwmask: 15 },
  { not: '', fwmark: 7 },
  { dst: '198.51.100.0', dstlen: 24 },
  { suppress_prefixlen: 0 },
  { ipproto: 'tcp' },
  { uid_start: 0, uid_end: 9 },
  { tos: '0x10' },
)
const rule: fc.Arbitrary<PolicyRule> = fc.record({
  family: fc.constantFrom('ipv4', 'ipv6'),
  priority: fc.integer({ min: 1, max: 40000 }),
  from: fc.constantFrom('all', '10.20.0.0/24', '10.20.1.0/24'),
  table: fc.constantFrom(52, 53, 254),
  protocol: fc.constant(3),
  selector,
})
const sender = fc.record({
  family: fc.constant('ipv4' as const),
  source: fc.constantFrom(null, '10.20.0.2', '10.20.1.2'),
  input: fc.constantFrom(null, '*', 'veth0', 'veth1'),
  mark: fc.constantFrom(0, 7),
})

test('who asked before makes no difference to the ways out', () => {
  const asked = fc.record({
    rules: fc.array(rule, { maxLength: 4 }),
    senders: fc.array(sender, { minLength: 2, maxLength: 6 }),
  })
  fc.assert(
    fc.property(asked, ({ rules, senders }) => {
      const shared = { links: [], routes: [...routes], rules }
      for (const one of senders) {
        const alone = { links: [], routes: [...routes], rules: [...rules] }
        expect(waysOut(shared, one)).toEqual(waysOut(alone, one))
      }
    }),
    { numRuns: 500 },
  )
})
