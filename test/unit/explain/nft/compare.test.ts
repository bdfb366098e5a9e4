import { expect, test } from 'vitest'
import { holds } from '../../../../src/explain/nft/compare.ts'
import { number } from '../../../../src/explain/nft/value.ts'
import { parseExpression } from '../../../../src/model/nft/expression.ts'

const highest = (addr: number) => parseExpression({ prefix: { addr, len: 4 } })

test('a mark under a mask of its highest bits, which nft prints as a prefix', () => {
  expect(holds('==', number(0x70000005), highest(0x70000000))).toBe(true)
  expect(holds('==', number(0x80000005), highest(0x70000000))).toBe(false)
  expect(holds('!=', number(0xf0000000), highest(0))).toBe(true)
  expect(holds('!=', number(0x0fffffff), highest(0))).toBe(false)
})

test('a network of IPv4 addresses in IPv6: no packet is of it', () => {
  const right = { set: [{ key: parseExpression({ prefix: { addr: '::ffff:0.0.0.0', len: 96 } }) }] }
  expect(holds('==', { is: 'address', value: '2001:db8::1' }, right)).toBe(false)
  expect(holds('!=', { is: 'address', value: '2001:db8::1' }, right)).toBe(true)
})
