import { expect, test } from 'vitest'
import { explain } from '../../../../src/engine/packets/explain.ts'

/** The host must not be read for these. */
const host = {
  run: () => {
    throw new Error('the host is read')
  },
}

test.each([
  [{ to: 'host' }, 'to', 'tcp needs a port: host:80'],
  [{ to: 'host:80', protocol: 'icmp' }, 'to', 'ICMP has no ports: leave it out'],
  [{ to: 'box:70000' }, 'to', 'box:70000: write it as NAMESPACE:PORT, host:PORT or ADDRESS:PORT'],
  [{ to: 'host:80', source: '10.0.0.300' }, 'source', '10.0.0.300: is no address'],
])('%j makes no sense on any host', async (question, part, why) => {
  const whole = { protocol: 'tcp', from: 'host', ...question } as Parameters<typeof explain>[0]
  expect(await explain(whole, host)).toEqual({ kind: 'invalidQuestion', part, why })
})
