import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printedAddress } from '../../../src/kernel/netlink/addresses.ts'
import { parseArrays } from '../../../src/kernel/read/json.ts'
import { decodeLinks, decodeRoutes, decodeRules } from '../../../src/kernel/read/network.ts'
import { formatAddress, parseAddress } from '../../../src/model/address.ts'
import { fixture } from './fixture.ts'

const recorded = (name: string) => parseArrays('ip', fixture(name), 1)[0] ?? []

describe('addresses', () => {
  it('are canonical as inet_ntop(3) prints them', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    const address = fc.tuple(
      fc.integer({ min: 1, max: 0xffff }),
      fc.array(group, { minLength: 7, maxLength: 7 }),
    )
    fc.assert(
      fc.property(address, ([first, rest]) => {
        const bytes = Buffer.from([first, ...rest].flatMap(word => [word >> 8, word & 0xff]))
        const printed = printedAddress(bytes)
        const parsed = parseAddress(printed)
        expect(parsed && formatAddress(parsed)).toBe(printed)
      }),
    )
  })

  it('are canonical where inet_ntop(3) is not', () => {
    const link = { ifindex: 1, ifname: 'lo', flags: [], mtu: 65536 }
    const addressOf = (local: string) =>
      decodeLinks([{ ...link, addr_info: [{ local, prefixlen: 128 }] }])[0]?.link.addresses[0]?.address
    expect(addressOf('64:ff9b::1.2.3.4')).toBe('64:ff9b::102:304/128')
  })
})

describe('links', () => {
  const links = decodeLinks(recorded('host-addr.json'))
  const named = (name: string) => links.find(({ link }) => link.name === name)

  it('reads group, alias, bridge and hairpin of a bridge port', () => {
    expect(named('veth0')?.link).toMatchObject({
      kind: 'veth',
      up: true,
      mtu: 1500,
      mac: '02:00:00:00:00:01',
      group: 0x4e123456,
      alias: 'nsctl:web',
      master: 'br0',
      hairpin: true,
      qdisc: null,
    })
  })

  it('reads what leads to the other end', () => {
    expect(named('veth0')).toMatchObject({ peerIndex: 2, peerNamespaceId: 0, peerName: null })
    expect(named('h0')).toMatchObject({ peerIndex: null, peerNamespaceId: null, peerName: 'h1' })
  })

  it('sees a queueing discipline that is not the kernel’s own', () => {
    expect(named('h0')?.link.qdisc).toEqual({ kind: 'tbf', rate: null })
    expect(named('lo')?.link).toMatchObject({ qdisc: null, kind: null, group: 0, alias: null })
  })

  it('reads addresses with their own prefix, also of one with a peer', () => {
    const eth0 = decodeLinks(recorded('netns1-addr.json')).find(({ link }) => link.name === 'eth0')
    const addresses = eth0?.link.addresses.filter(({ scope }) => scope === 'global')
    expect(addresses).toEqual([
      { address: '10.0.0.2/30', scope: 'global', tentative: false },
      { address: '10.9.9.1/32', scope: 'global', tentative: false },
      { address: 'fd00::2/64', scope: 'global', tentative: false },
    ])
  })
})

describe('routes', () => {
  const routes = decodeRoutes(recorded('netns1-route.json'))
  const to = (destination: string) => routes.filter(route => route.to === destination)

  it('tells the families of two default routes apart', () => {
    expect(to('0.0.0.0/0')).toMatchObject([
      { family: 'ipv4', via: '10.0.0.1', dev: 'eth0', table: 254, protocol: 110, metric: 0 },
    ])
    expect(to('::/0').sort((a, b) => a.table - b.table)).toMatchObject([
      { family: 'ipv6', via: 'fd00::1', dev: 'eth0', table: 254, protocol: 110, metric: 1024 },
      { family: 'ipv6', via: null, table: 1001, type: 'unreachable' },
    ])
  })

  it('gives hosts their prefix and keeps table, metric and protocol', () => {
    expect(to('192.0.2.7/32')).toEqual([
      {
        family: 'ipv4',
        to: '192.0.2.7/32',
        via: null,
        dev: 'eth0',
        table: 1000,
        protocol: 110,
        metric: 50,
        type: 'unicast',
        source: null,
      },
    ])
  })

  it('knows the types that drop, several next hops, and a gateway of the other family', () => {
    expect(to('10.10.0.0/16')).toMatchObject([{ type: 'blackhole', dev: null }])
    expect(to('2001:db8::/32')).toMatchObject([{ type: 'unreachable' }])
    expect(to('10.20.0.0/16')).toMatchObject([{ multipath: true, via: null, dev: null }])
    expect(to('198.51.100.0/24')).toMatchObject([{ family: 'ipv4', via: 'fe80::1', dev: 'eth0' }])
  })

  it('knows the types of the kernel’s own', () => {
    expect(to('10.0.0.3/32')).toMatchObject([{ type: 'broadcast', table: 255, protocol: 2 }])
    expect(to('::1/128')).toMatchObject([])
    expect(to('ff00::/8')).toMatchObject([{ type: 'multicast', table: 255 }])
  })

  it('leaves out what has no IP destination', () => {
    expect(decodeRoutes([{ dst: '100', dev: 'eth0', protocol: '4' }])).toEqual([])
  })
})

describe('rules', () => {
  it('reads selectors as printed, flags as 1', () => {
    const rules = decodeRules(recorded('netns1-rule.json'), 'ipv4')
    expect(rules).toEqual([
      { family: 'ipv4', priority: 0, from: 'all', table: 255, protocol: 2, selector: {} },
      {
        family: 'ipv4',
        priority: 500,
        from: '10.0.0.0/30',
        table: 1000,
        protocol: 110,
        selector: { fwmark: '0x1', fwmask: '0xff', iif: 'eth0' },
      },
      {
        family: 'ipv4',
        priority: 600,
        from: '192.0.2.1/32',
        table: 254,
        protocol: 0,
        selector: {
          not: 1,
          dst: '203.0.113.0',
          dstlen: 24,
          ipproto: 'ipproto-6',
          dport: 80,
          suppress_prefixlen: 0,
        },
      },
      {
        family: 'ipv4',
        priority: 700,
        from: '192.0.2.2/32',
        table: 0,
        protocol: 0,
        selector: { action: '6' },
      },
      { family: 'ipv4', priority: 32766, from: 'all', table: 254, protocol: 2, selector: {} },
      { family: 'ipv4', priority: 32767, from: 'all', table: 253, protocol: 2, selector: {} },
    ])
  })

  it('reads IPv6', () => {
    expect(decodeRules(recorded('netns1-rule6.json'), 'ipv6')[1]).toEqual({
      family: 'ipv6',
      priority: 500,
      from: 'fd00::2/128',
      table: 1001,
      protocol: 110,
      selector: {},
    })
  })
})
