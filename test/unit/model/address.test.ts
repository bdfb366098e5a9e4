import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Cidr,
  cidr,
  contains,
  type Family,
  formatAddress,
  formatCidr,
  isNetwork,
  isUniqueLocal,
  isUsable,
  networkOf,
  overlaps,
  parseAddress,
  parseCidr,
  usableAddresses,
} from '../../../src/model/address.ts'

const BITS = { ipv4: 32, ipv6: 128 }

const anyCidr: fc.Arbitrary<Cidr> = fc
  .constantFrom<Family>('ipv4', 'ipv6')
  .chain(family =>
    fc.record({
      family: fc.constant(family),
      address: fc.bigInt(0n, (1n << BigInt(BITS[family])) - 1n),
      prefix: fc.integer({ min: 0, max: BITS[family] }),
    }),
  )
  // ::ffff:0:0/96 is IPv4 in disguise, and refused.
  .filter(({ family, address }) => family === 'ipv4' || address >> 32n !== 0xffffn)

describe('text', () => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(anyCidr, value => {
        expect(parseCidr(formatCidr(value))).toEqual(value)
        expect(parseAddress(formatAddress(value))?.address).toBe(value.address)
      }),
    )
  })

  test.each([
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '0x1.2.3.4',
    '1.2.3.4 ',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    ':::',
    'g::1',
    '',
  ])('%j is no address', text => {
    expect(parseAddress(text)).toBeNull()
  })

  test.each(['1.2.3.4', '1.2.3.4/', '1.2.3.4/33', '1.2.3.4/+8', '1.2.3.4/08', '::/129', '/8'])(
    '%j is no network',
    text => {
      expect(parseCidr(text)).toBeNull()
    },
  )

  test('any text is read or refused, and never thrown at', () => {
    fc.assert(fc.property(fc.string(), text => parseCidr(text) === null || text.includes('/')))
  })
})

describe('arithmetic', () => {
  test('a network holds its addresses, and is its own network', () => {
    fc.assert(
      fc.property(anyCidr, value => {
        const network = networkOf(value)
        expect(isNetwork(network)).toBe(true)
        expect(contains(network, { ...value, prefix: BITS[value.family] })).toBe(true)
        expect(networkOf(network)).toEqual(network)
      }),
    )
  })

  test('two networks overlap exactly when one holds the other', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a))
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a))
        if (a.family !== b.family) expect(overlaps(a, b)).toBe(false)
      }),
    )
  })

  test('the first usable addresses are usable, in the network, and in order', () => {
    fc.assert(
      fc.property(anyCidr, value => {
        const network = networkOf(value)
        const first = [...take(usableAddresses(network), 5)].map(cidr)
        for (const address of first) {
          expect(isUsable(network, address)).toBe(true)
          expect(contains(network, address)).toBe(true)
        }
        const sorted = first.toSorted((a, b) => (a.address < b.address ? -1 : 1))
        expect(first).toEqual(sorted)
      }),
    )
  })

  test.each([
    ['10.0.0.0/30', ['10.0.0.1', '10.0.0.2']],
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1']],
    ['10.0.0.0/32', ['10.0.0.0']],
    ['fd00::/127', ['fd00::', 'fd00::1']],
    ['fd00::/126', ['fd00::1', 'fd00::2', 'fd00::3']],
  ])('%s has %j', (network, addresses) => {
    expect([...usableAddresses(cidr(network))]).toEqual(addresses)
  })

  test('unique local is fc00::/7 and nothing else', () => {
    expect(
      ['fc00::1', 'fdff::1', 'fe00::1', '2001:db8::1', '10.0.0.1'].map(text => isUniqueLocal(cidr(text))),
    ).toEqual([true, true, false, false, false])
  })
})

function* take<T>(values: Iterable<T>, count: number): Generator<T> {
  let left = count
  for (const value of values) {
    if (left-- === 0) return
    yield value
  }
}
