import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, HOST4, HOST6 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { script } from '../host/paths.ts'
import { PATIENTLY } from '../host/patience.ts'
import { besiege, echo, openFlow, type Tally } from '../host/stream.ts'
import { applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const KEPT = `
name: kept
uplinks: [ens5]
subnets: { k: { cidr: [10.80.0.0/24, fd80::/64] } }
namespaces: { kept: {} }
veths: [{ subnet: k, ends: [host, kept] }]
forwards: [{ listen: 8000, to: kept:80, protocol: [tcp, udp] }]
`

/** Comes and goes beside it, with addresses and ports that others are after all the time. */
const BUSY = `
name: busy
uplinks: [ens5]
subnets:
  x: { cidr: [10.81.0.0/24, fd81::/64] }
  y: { cidr: [10.81.1.0/24, fd81:0:0:1::/64], bridge: br-y }
namespaces: { one: {}, two: {} }
veths:
  - { subnet: x, ends: [host, one] }
  - { subnet: y, ends: [host, two] }
forwards:
  - { listen: 8100, to: one:80, protocol: [tcp, udp] }
  - { listen: 8101, to: two:80 }
`
const EDITS = [
  BUSY.replace('8101, to: two', '8101, to: one'),
  BUSY.replace('one: {},', 'one: {}, three: {},').replace(
    'veths:\n',
    'veths:\n  - { subnet: y, ends: [host, three] }\n',
  ),
  `${BUSY}${Array.from({ length: 40 }, (_, i) => `  - { listen: ${8200 + i}, to: two:80 }\n`).join('')}`,
  BUSY.replace(/.*8101.*\n/, ''),
]

describe.each(['nft', 'legacy'])('while nsctl works, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture

  beforeAll(async () => {
    host = await createHost()
    await script(
      host,
      `
      ip -n outside route add 10.80.0.0/15 via ${HOST4}
      ip -n outside route add fd80::/15 via ${HOST6}
      # As on a host with Docker: forwarding on, and the policy lets everything through.
      sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
      `,
    )
    before = await picture(host)
    await applyText(host, KEPT, options)
    await echo(host, 'kept', { tcp: [80], udp: [80] })
  })
  afterAll(() => host.dispose())

  test('nothing undeclared is ever open, and nothing declared and unchanged ever fails', async () => {
    // The namespaces are there, and serve, before their links come.
    await applyText(host, BUSY, options)
    await Promise.all([
      echo(host, 'one', { tcp: [80, 81], udp: [80] }),
      echo(host, 'two', { tcp: [80, 81] }),
      echo(host, 'outside', { tcp: [80], udp: [80] }),
    ])
    const patiently = { timeout: PATIENTLY }
    const [open, flow, fromHost, closed, closedInside] = await Promise.all([
      besiege(host, 'outside', [
        { address: HOST4, port: 8000, ...patiently },
        { address: HOST6, port: 8000, ...patiently },
        { protocol: 'udp', address: HOST4, port: 8000, ...patiently },
      ]),
      openFlow(host, 'outside', { address: HOST4, port: 8000 }),
      besiege(host, 'kept', [{ address: CLIENT4, port: 80, ...patiently }]),
      besiege(host, 'outside', [
        { address: '10.81.0.2', port: 80 },
        { address: '10.81.1.2', port: 81 },
        { address: 'fd81::2', port: 80 },
        { address: 'fd81:0:0:1::2', port: 81 },
        { protocol: 'udp', address: '10.81.0.2', port: 80 },
        { address: '10.80.0.2', port: 80 },
      ]),
      besiege(host, 'kept', [
        { address: '10.81.0.2', port: 81 },
        { address: 'fd81::2', port: 81 },
        { address: '10.81.1.2', port: 80 },
      ]),
    ])
    await flow.until(/^kept$/)
    for (const text of EDITS) await applyText(host, text, options)
    // Down to nothing, and up again with the rules behind.
    await script(host, `iptables-${variant} -D FORWARD -m comment --comment nsctl:busy -j NSCTL-busy-FWD`)
    await applyText(host, BUSY, options)
    await destroy(host, ['busy'])
    const held = await Promise.all([open.lift(), fromHost.lift()])
    const shut = await Promise.all([closed.lift(), closedInside.lift()])
    const sum = (tallies: Tally[][], of: 'through' | 'refused') => tallies.flat().map(tally => tally[of])
    expect(held.flat().map(({ why }) => why)).toEqual(held.flat().map(() => ({})))
    expect(Math.min(...sum(held, 'through'))).toBeGreaterThan(50)
    expect(sum(shut, 'through')).toEqual(shut.flat().map(() => 0))
    expect(Math.min(...sum(shut, 'refused'))).toBeGreaterThan(50)
    expect(flow.history()).toEqual(['kept'])
    await flow.stop()
  })

  test('destroy gives the host back as it was', async () => {
    await destroy(host, ['kept'])
    expect(difference(before, await picture(host))).toEqual([])
  })
})
