import { expect, test } from 'vitest'
import { formatEndpoint, parseEndpoint } from '../../../src/firewall/codec/endpoint.ts'

test.each([
  ['10.0.0.2', '10.0.0.2', null],
  ['10.0.0.2:80', '10.0.0.2', [80, 80, null]],
  ['10.0.0.2:8000-8010/6000', '10.0.0.2', [8000, 8010, 6000]],
  ['[fd00::2]:80', 'fd00::2', [80, 80, null]],
  ['fd00::2', 'fd00::2', null],
  [':80', null, [80, 80, null]],
  ['10.0.0.2-10.0.0.9:80-90', '10.0.0.2-10.0.0.9', [80, 90, null]],
] as const)('%s is read, and printed back', (text, address, ports) => {
  const endpoint = parseEndpoint(text)
  const [first, last, base] = ports ?? []
  expect(endpoint).toEqual({ address, ports: ports && { first, last, base } })
  expect(formatEndpoint(endpoint)).toBe(text)
})
