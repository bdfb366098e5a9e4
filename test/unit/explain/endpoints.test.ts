import { describe, expect, test } from 'vitest'
import { flowsNamed, type NamedFlow } from '../../../src/explain/endpoints.ts'
import type { Snapshot } from '../../../src/model/host/snapshot.ts'

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

describe('ends that do not exist', () => {
  const address = { address: '10.0.0.2/24', scope: 'global', tentative: false }
  const snapshot = {
    host: { links: [{ name: 'wan', addresses: [] }], routes: [], rules: [], sysctls: {} },
    namespaces: {
      box: { links: [{ name: 'v1', addresses: [address] }], routes: [], rules: [], sysctls: {} },
    },
    listeners: [],
  } as unknown as Snapshot

  test.each<[Partial<NamedFlow>, string]>([
    [{ from: 'bix' }, 'bix: no such namespace; those of this host: box; host is the host itself'],
    [{ to: 'outside:80' }, 'for a machine outside write its address'],
    [{ from: 'outside' }, 'no interface carries a default route for IPv4: name one with --uplink'],
    [{ from: 'outside', uplink: 'wen' }, 'wen: no such interface; those of this host: wan'],
    [{ from: 'host', family: 'ipv6' }, 'box has no IPv6 address'],
    [
      { from: 'host', to: '[2001:db8::1]:80', source: '10.0.0.1' },
      'its two ends have no family of addresses in common',
    ],
  ])('%j: %s', (part, why) => {
    const flow = {
      ...({ protocol: 'tcp', from: 'host', to: 'box:80' } as const),
      ...{ family: null, uplink: null, source: null, ...part },
    }
    expect(flowsNamed(flow, snapshot)).toBe(why)
  })
})
