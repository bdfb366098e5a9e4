import { describe, expect, test } from 'vitest'
import { flowsNamed } from '../../../src/explain/endpoints.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'

describe('the host to itself', () => {
  const named = {
    ...({ protocol: 'tcp', from: 'host', to: 'host:6002' } as const),
    ...{ family: null, uplink: null, source: null },
  }

  function destinations(listening: string[]): string[] {
    const address = (text: string) => ({ address: text, scope: 'global', tentative: false })
    const wan = { name: 'wan', addresses: [address('192.0.2.1/24'), address('2001:db8::10/64')] }
    const snapshot = {
      host: { links: [wan], routes: [], rules: [], sysctls: {} },
      namespaces: {},
      listeners: listening.map(one => ({ protocol: 'tcp', address: one, port: 6002, process: null })),
    } as unknown as Snapshot
    const flows = flowsNamed(named, snapshot)
    return typeof flows === 'string' ? [flows] : flows.map(({ destination }) => destination)
  }

  test('is not at [::1], where no published port is reached', () => {
    expect(destinations([])).toEqual(['127.0.0.1', '2001:db8::10'])
    expect(destinations(['127.0.0.1'])).toEqual(['127.0.0.1', '2001:db8::10'])
  })

  test('is at [::1] where a service of its own hears there', () => {
    expect(destinations(['::1'])).toEqual(['127.0.0.1', '::1'])
    expect(destinations(['*'])).toEqual(['127.0.0.1', '::1'])
  })
})
