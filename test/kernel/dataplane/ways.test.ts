import { describe, expect, test } from 'vitest'
import { CLIENT4, HOST4, ROUTER4 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { addNeighbour, expectPaths, type Path, script, serveIn } from '../host/paths.ts'
import { applyText, destroy, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'

const WEB = `
name: web
uplinks: [default]
subnets: { front: 10.20.0.0/24 }
namespaces: { shop: {} }
veths: [{ subnet: front, ends: [host, shop] }]
forwards: [{ listen: 8000, to: shop:80, protocol: [tcp, udp] }]
`
const NAMED = WEB.replace('default', 'ens5')
/** Beyond the second way, or the VPN. */
const BEYOND = '192.0.2.200'

const [OUTSIDE, PORT, ANSWER] = ['outside', `${HOST4}:8000`, `shop ${CLIENT4}`]
const ASKED: Path = [OUTSIDE, PORT, ANSWER, { source: CLIENT4 }]
const ASKED_BY_UDP: Path = [OUTSIDE, PORT, ANSWER, { source: CLIENT4, protocol: 'udp' }]
const SECOND: Path = ['second', '192.0.2.10:8000', `shop ${CLIENT4}`, { source: CLIENT4 }]

interface Case {
  host: string
  file?: string
  paths: Path[]
}

const VPN = `ip -n second address add ${BEYOND}/32 dev lo`
const CASES: Record<string, Case> = {
  'wg-quick: default is the tunnel too': {
    host: `${VPN}
      ip route add default via 192.0.2.1 dev wan table 51820
      ip rule add not fwmark 51820 table 51820
      ip rule add table main suppress_prefixlength 0`,
    paths: [ASKED, ['shop', `${BEYOND}:80`, 'second 192.0.2.10']],
  },
  'wg-quick before our rules, with marks restored onto every packet of UDP; the tunnel is no uplink': {
    file: NAMED,
    host: `${VPN}
      ip route add default via 192.0.2.1 dev wan table 51820
      ip rule add pref 100 not fwmark 51820 table 51820
      ip rule add pref 99 table main suppress_prefixlength 0
      iptables -t mangle -A PREROUTING -p udp -j CONNMARK --restore-mark`,
    paths: [ASKED, ASKED_BY_UDP, ['shop', `${BEYOND}:80`, 'closed']],
  },
  'openvpn: a default route in halves': {
    host: `${VPN}
      ip route add 0.0.0.0/1 via 192.0.2.1
      ip route add 128.0.0.0/1 via 192.0.2.1`,
    paths: [ASKED, ['shop', `${BEYOND}:80`, 'second 192.0.2.10']],
  },
  'a multipath default route': {
    host: `ip route del default
      ip route add default nexthop via ${ROUTER4} dev ens5 nexthop via 192.0.2.1 dev wan`,
    paths: [ASKED, SECOND],
  },
  'a default route by a group of nexthop objects': {
    host: `ip route del default
      ip nexthop add id 7 via ${ROUTER4} dev ens5
      ip nexthop add id 8 via 192.0.2.1 dev wan
      ip nexthop add id 9 group 7/8
      ip route add default nhid 9`,
    paths: [ASKED, SECOND],
  },
  'a gateway outside of every network, onlink': {
    host: `ip address flush dev wan
      ip address add 192.0.2.10/32 dev wan
      ip -n second route add 192.0.2.10/32 dev eth0
      ip -n second address add 172.31.1.1/32 dev eth0
      ip route add default via 172.31.1.1 dev wan onlink metric 50`,
    paths: [ASKED, SECOND],
  },
  'a gateway that is the peer': {
    host: `ip address flush dev wan
      ip address add 192.0.2.10 peer 172.31.1.1 dev wan
      ip -n second route add 192.0.2.10/32 dev eth0
      ip -n second address add 172.31.1.1/32 dev eth0
      ip route add default via 172.31.1.1 dev wan metric 50`,
    paths: [ASKED, SECOND],
  },
  'a gateway of IPv6': {
    host: `gateway=$(ip -n outside -6 -o address show dev eth0 scope link | sed 's/.*inet6 \\([^/]*\\).*/\\1/')
      ip route del default
      ip -4 route add default via inet6 $gateway dev ens5
      ip route add default via 192.0.2.1 dev wan metric 100`,
    paths: [ASKED, SECOND],
  },
}

describe('packets pass, and destroy leaves the host as before', () => {
  test.each(Object.entries(CASES))('%s', async (_, { host: prepared, file = WEB, paths }) => {
    await using host = await hostWith(prepared)
    const before = await picture(host)
    await applyText(host, file)
    await serveIn(host, { shop: [80], second: [80] }, [80])
    await expectPaths(host, paths)
    // Once more, since what is restored onto packets is there from the second on.
    await expectPaths(host, paths)
    await destroy(host, ['web'])
    expect(difference(before, await picture(host))).toEqual([])
  })
})

test('tailscale takes the subnet away: refused, until the rule that the plan prints is there', async () => {
  await using host = await hostWith(`${VPN}
    ip route add default via 192.0.2.1 dev wan table 52
    ip rule add pref 5210 fwmark 0x80000/0xff0000 lookup main
    ip rule add pref 5250 fwmark 0x80000/0xff0000 unreachable
    ip rule add pref 5270 lookup 52`)
  const path = await topologyFile(host, WEB)
  const refused = await host.nsctl(['apply', path, '--yes'])
  expect(refused.exitCode).toBe(1)
  const printed = /ip rule add pref 5269 to 10\.20\.0\.0\/24 lookup main/.exec(refused.stderr)?.[0]
  expect(printed).toBeDefined()
  await applyText(host, WEB, ['--accept', 'routed-elsewhere:front'])
  expect((await host.nsctl(['doctor'])).stdout).toContain('problem[routed-elsewhere]')
  await serveIn(host, { shop: [80], second: [80] })
  await expectPaths(host, [[OUTSIDE, PORT, 'timeout', { source: CLIENT4 }]])
  const { stdout } = await host.nsctl(['explain', 'icmp', 'shop', BEYOND])
  expect(stdout).toMatch(/NO: .*10\.20\.0\.2 is routed to wan by ip rule 5270 \(from all lookup 52\)/)
  await script(host, printed ?? 'false')
  expect((await host.nsctl(['doctor'])).stdout).not.toContain('problem[routed-elsewhere]')
  await expectPaths(host, [ASKED, ['shop', `${BEYOND}:80`, 'second 192.0.2.10']])
})

test('a redial to an index of 300 keeps marks and tables; what the version before has made goes', async () => {
  const dial = `
    ip link add wan index 300 type veth peer name eth0 netns second
    ip address add 192.0.2.10/24 dev wan
    ip link set wan up
    ip -n second address add 192.0.2.1/24 dev eth0
    ip -n second link set eth0 up
    ip -n second route add default via 192.0.2.10
    ip route add default via 192.0.2.1 dev wan metric 100`
  await using host = await hostWith('ip route add default via 192.0.2.1 dev wan metric 100')
  await applyText(host, WEB)
  const rules = () => script(host, 'ip rule show')
  const first = await rules()
  await script(host, `ip link del wan; ${dial}`)
  await applyText(host, WEB)
  expect(await rules()).toBe(first)
  await script(host, 'ip rule add pref 1100 fwmark 0x2000000/0xff000000 lookup 110002 protocol 110')
  await applyText(host, WEB)
  expect(await rules()).toBe(first)
  await serveIn(host, { shop: [80] })
  await expectPaths(host, [ASKED, SECOND])
  await destroy(host, ['web'])
  expect(await script(host, 'ip rule show; ip route show table all')).not.toContain('proto 110')
})

/** With a second way to the outside, `wan`, to the namespace `second`, in which a client has the address of that outside. */
async function hostWith(prepared: string): Promise<Host> {
  const host = await createHost()
  await addNeighbour(host, 'second', 'wan', '192.0.2')
  await script(host, `ip -n second address add ${CLIENT4}/32 dev lo\n${prepared}`)
  return host
}
