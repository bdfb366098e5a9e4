import { describe, expect, test } from 'vitest'
import { cidr, formatCidr, networkOf, overlaps } from '../../../src/model/address.ts'
import { firstBits, routesNeededFor } from '../../../src/model/host/needed-routes.ts'
import { randomFrom } from '../../random/random.ts'

const STATIC = 4
const needed = (networks: string[], to: string, protocol = STATIC) => {
  const key = firstBits(to)
  if (key === null) throw new Error(to)
  return routesNeededFor(networks).isNeeded(key.family, key.first, key.prefix, protocol)
}

describe('of very many routes a plan needs', () => {
  test.each(['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '16.0.0.0/4', '10.0.0.0/8', '::/0', '2000::/3'])(
    'the wide one to %s, whatever is declared',
    to => expect(needed([], to)).toBe(true),
  )

  test.each([
    ['10.1.0.0/24', '10.1.0.0/24', true],
    ['10.1.0.0/24', '10.1.0.128/25', true],
    ['10.1.0.0/24', '10.1.0.7', true],
    ['10.1.0.0/24', '10.0.0.0/12', true],
    ['10.1.0.0/24', '10.1.1.0/24', false],
    ['10.1.0.0/24', '10.0.255.0/24', false],
    ['10.1.0.7/24', '10.1.0.0/28', true],
    ['fd00:1::/64', 'fd00:1::8/128', true],
    ['fd00:1::/64', 'fd00::/20', true],
    ['fd00:1::/64', 'fd00:2::/64', false],
    ['10.1.0.0/24', '2001:db8::/32', false],
  ])('for %s: the one to %s? %s', (network, to, is) => expect(needed([network], to)).toBe(is))

  test('those of the kernel, of routers and of nsctl', () => {
    for (const protocol of [2, 9, 110]) expect(needed([], '203.0.113.0/24', protocol)).toBe(true)
    expect(needed([], '203.0.113.0/24', 186)).toBe(false)
  })

  test('all that overlap, whatever is declared', () => {
    const random = randomFrom(9)
    const network = (shortest: number) =>
      `${10 + random.below(3)}.${random.below(4)}.${random.below(256)}.${random.below(256)}/${shortest + random.below(33 - shortest)}`
    for (let round = 0; round < 300; round++) {
      const networks = Array.from({ length: random.below(6) }, () => network(16))
      const to = formatCidr(networkOf(cidr(network(9))))
      const does = networks.some(one => overlaps(cidr(one), cidr(to)))
      expect([networks, to, needed(networks, to)]).toEqual([networks, to, does])
    }
  })
})
