import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from '../host/host.ts'
import { besiege, echo, openFlow } from '../host/stream.ts'
import { changesOf, type PlannedChange } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'

const BY_HAND = readFileSync(new URL('by-hand.sh', import.meta.url), 'utf8')
const [HOST] = OUTSIDE.host
const FILE = '/run/imported.yaml'

let host: Host

const sh = (script: string) => host.run('sh', ['-ec', script])

beforeEach(async () => {
  host = await createHost()
})
afterEach(() => host.dispose())

async function imported(options: string[] = []): Promise<string> {
  const result = await host.nsctl(['import', ...options])
  expect(result, result.stderr).toMatchObject({ exitCode: 0, stderr: '' })
  await host.write(FILE, result.stdout)
  return result.stdout
}

/** What the file would do beside taking over: nothing may be. */
async function beyondTakingOver(text: string): Promise<PlannedChange[]> {
  const changes = await changesOf(host, text)
  return changes.filter(
    ({ action, kind, scope, changed }) =>
      kind !== 'chain' &&
      !(kind === 'sysctl' && scope === 'host') &&
      !(action === 'update' && ['namespace', 'veth'].includes(kind) && changed.length > 0),
  )
}

/** Which objects there are, whatever is written on them. */
async function identities(): Promise<string> {
  const links =
    'ip -o link show | cut -d " " -f 1-2; for n in $(ls /run/netns); do ip -n $n -o link show | cut -d " " -f 1-2; done'
  return (await sh(`stat -c "%n %i" /run/netns/*; ${links}`)).stdout
}

describe('what the commands of the tutorial made', () => {
  beforeEach(() => sh(BY_HAND))

  test('is a file as one would write it', async () => {
    expect(await imported(['--name', 'flask'])).toMatchInlineSnapshot(`
      "# What exists on this host, as nsctl import has found it. Nothing is changed yet. nsctl plan shows what apply adds:
      # its marks, its chains and settings of the host. What is adopted stays when nsctl destroys the topology.
      name: flask
      uplinks: [ens5]

      subnets:
        netns1-net: 192.168.0.0/24
        netns2-net: 192.168.1.0/24

      namespaces:
        netns1: { adopt: true }
        netns2: { adopt: true }

      veths:
        - { subnet: netns1-net, ends: [host:veth0, { namespace: netns1, interface: veth1, address: 192.168.0.2 }], adopt: true }
        - { subnet: netns2-net, ends: [host:veth2, { namespace: netns2, interface: veth3, address: 192.168.1.2 }], adopt: true }

      forwards:
        - { listen: 6000, to: netns1:8080 }
        - { listen: 6001, to: netns2:8080 }

      accept:
        - "port-held:tcp/6000" # the rule made by hand
        - "port-held:tcp/6001" # the rule made by hand

      # Made by hand; once this is applied rules of nsctl stand in for these, and they can go:
      # iptables -t nat -D PREROUTING -i ens5 -p tcp -m tcp --dport 6000 -j DNAT --to-destination 192.168.0.2:8080
      # iptables -t nat -D PREROUTING -i ens5 -p tcp -m tcp --dport 6001 -j DNAT --to-destination 192.168.1.2:8080
      # iptables -t nat -D POSTROUTING -s 192.168.0.0/24 -o ens5 -j MASQUERADE
      # iptables -t nat -D POSTROUTING -s 192.168.1.0/24 -o ens5 -j MASQUERADE
      # iptables -t filter -D FORWARD -i veth0 -o ens5 -j ACCEPT
      # iptables -t filter -D FORWARD -i ens5 -o veth0 -j ACCEPT
      # iptables -t filter -D FORWARD -i veth2 -o ens5 -j ACCEPT
      # iptables -t filter -D FORWARD -i ens5 -o veth2 -j ACCEPT

      # Found, and not in this file: it stays as it is.
      # namespace outside: a topology cannot have a namespace of this name
      # what is outside (ens5) can open connections to netns1, netns2; once applied only by published ports, or allow: { from: outside, to: … }
      "
    `)
  })

  test('is taken over with no packet lost, nothing made anew, and given back as it was', async () => {
    const servers = [
      await echo(host, 'netns1', { tcp: [8080], udp: [9090] }),
      await echo(host, 'netns2', { tcp: [8080] }),
      await echo(host, 'outside', { tcp: [7000], udp: [7001] }),
    ]
    const before = await picture(host)
    const [client] = OUTSIDE.client
    const flows = [
      await openFlow(host, 'outside', { address: HOST, port: 6000 }),
      await openFlow(host, 'outside', { address: HOST, port: 6001 }),
      await openFlow(host, 'netns1', { address: client, port: 7000 }),
      await openFlow(host, 'netns2', { protocol: 'udp', address: client, port: 7001 }),
    ]
    const siege = await besiege(host, 'outside', [{ address: HOST, port: 6000 }])
    for (const flow of flows) await flow.until(/netns|outside/)
    const objects = await identities()

    await imported()
    expect(await host.nsctl(['apply', FILE])).toMatchObject({ exitCode: 0 })
    expect(await identities()).toBe(objects)
    expect((await host.nsctl(['plan', FILE, '--detailed-exitcode'])).exitCode).toBe(0)

    // The rules made by hand are not needed any more.
    const text = await host.read(FILE)
    const [, commands = ''] = /they can go:\n((?:# ip6?tables .*\n)+)/.exec(text) ?? []
    await sh(commands.replaceAll('# ', ''))
    expect((await host.run('iptables-save', [])).stdout).not.toMatch(
      /^-A (PREROUTING|POSTROUTING|FORWARD) (?!.*NSCTL)/m,
    )

    const [tally] = await siege.lift()
    expect(tally).toMatchObject({ through: expect.any(Number), refused: 0 })
    expect(tally?.through).toBeGreaterThan(0)
    for (const flow of flows) {
      expect(flow.history()).toEqual([expect.stringMatching(/^(netns|outside)/)])
      await flow.stop()
    }
    await sh(commands.replaceAll('# ', '').replaceAll(' -D ', ' -A '))
    expect((await host.nsctl(['destroy', '--yes'])).exitCode).toBe(0)
    expect(difference(before, await picture(host))).toEqual([])
    expect(await identities()).toBe(objects)
    for (const server of servers) await server.stop()
  })

  test('what a topology has taken over is left out, and its name is taken', async () => {
    await imported(['--name', 'flask'])
    await host.nsctl(['apply', FILE])
    expect(await host.nsctl(['import', '--name', 'flask'])).toMatchObject({ exitCode: 1 })
    expect(await imported()).not.toMatch(/^[^#]*netns/m)
  })

  test('direct paths that FORWARD opens stay open; others are told', async () => {
    await sh('iptables -P FORWARD ACCEPT')
    const text = await imported()
    expect(text).toContain(
      'allow:\n  - { from: netns1-net, to: netns2-net }\n  - { from: netns2-net, to: netns1-net }\n',
    )
    await host.nsctl(['apply', FILE])
    const server = await host.serve({ name: 'two', namespace: 'netns2', tcp: [8080] })
    expect(await host.get({ from: 'netns1', address: '192.168.1.2', port: 8080 })).toMatchObject({
      name: 'two',
    })
    await server.stop()
    await host.nsctl(['destroy', '--yes'])
    await sh('iptables -I FORWARD -m length --length 9 -j DROP')
    const unclear = await imported()
    expect(unclear).not.toContain('\nallow:')
    expect(unclear).toContain('direct paths; once applied they are closed: netns1-net to netns2-net')
  })
})

test('bridges, IPv6, several pairs, ranges, routes, odd names: taken over where that makes nothing, else told', async () => {
  await sh(readFileSync(new URL('by-hand-odd.sh', import.meta.url), 'utf8'))
  const before = await picture(host)
  const text = await imported()
  expect(text).toMatchInlineSnapshot(`
    "# What exists on this host, as nsctl import has found it. Nothing is changed yet. nsctl plan shows what apply adds:
    # its marks, its chains and settings of the host. What is adopted stays when nsctl destroys the topology.
    name: imported
    uplinks: [ens5]

    subnets:
      both-net: { cidr: [10.30.0.0/24, "fd00:6::/64"], gateway: [10.30.0.254, "fd00:6::1"], masquerade: [ipv4] }

    namespaces:
      "007": { adopt: true }
      b1:
        adopt: true
        routes:
          - { to: 0.0.0.0/0, via: 10.20.0.1, dev: eth0 }
      both:
        adopt: true
        routes:
          - { to: 10.98.0.0/16, metric: 7, type: blackhole }
          - { to: 10.99.0.0/16, via: 10.30.0.254, dev: eth0 }
      lonely: { adopt: true }

    veths:
      - { ends: [host:bp1, { namespace: b1, interface: eth0, address: 10.20.0.2/24 }], adopt: true }
      - { subnet: both-net, ends: [host:both0, { namespace: both, interface: eth0, address: [10.30.0.7, "fd00:6::2"] }], adopt: true }
      - { ends: [{ namespace: host, interface: d0, address: 10.31.0.1/24 }, { namespace: both, interface: eth1, address: 10.31.0.2/24 }], adopt: true }
      - { ends: [{ namespace: both, interface: nn, address: 10.32.0.2/30 }, { namespace: lonely, interface: nn, address: 10.32.0.1/30 }], adopt: true }

    forwards:
      - { listen: "0.0.0.0:5000-5010", to: both:5000-5010, protocol: udp }
      - { listen: "203.0.113.10:7000", to: both:80, sources: [198.51.100.0/24] }
      - { listen: "0.0.0.0:7400", to: both:80, sources: [10.0.0.0/8] }
      - { listen: 7600, to: both:80 }
      - { listen: "[::]:8443", to: both:443 }

    accept:
      - "port-held:udp/5000" # the rule made by hand
      - "port-held:tcp/7000" # the rule made by hand
      - "port-held:tcp/7400" # the rule made by hand
      - "port-held:tcp/7600" # the rule made by hand
      - "port-held:tcp/8443" # the rule made by hand

    # Made by hand; once this is applied rules of nsctl stand in for these, and they can go:
    # iptables -t nat -D PREROUTING -p udp -m udp --dport 5000:5010 -j DNAT --to-destination 10.30.0.7
    # iptables -t nat -D PREROUTING -s 198.51.100.0/24 -d 203.0.113.10/32 -p tcp -m tcp --dport 7000 -j DNAT --to-destination 10.30.0.7:80
    # iptables -t nat -D PREROUTING -s 10.0.0.0/8 -p tcp -m tcp --dport 7400 -j DNAT --to-destination 10.30.0.7:80
    # iptables -t nat -D PREROUTING -p tcp -m tcp --dport 7600 -j DNAT --to-destination 10.30.0.7:80
    # ip6tables -t nat -D PREROUTING -p tcp -m tcp --dport 7600 -j DNAT --to-destination [fd00:6::2]:80
    # ip6tables -t nat -D PREROUTING -i ens5 -p tcp -m tcp --dport 8443 -j DNAT --to-destination [fd00:6::2]:443
    # iptables -t nat -D OUTPUT -p udp -m udp --dport 5000:5010 -j DNAT --to-destination 10.30.0.7

    # Found, and not in this file: it stays as it is.
    # namespace -x$(id): a topology cannot have a namespace of this name
    # namespace esc\\u{1b}[31m: a topology cannot have a namespace of this name
    # namespace outside: a topology cannot have a namespace of this name
    # veth we"ird, whose other end is b1:eth1: a topology cannot have an interface of this name
    # veth down0, whose other end is lonely:down1: it is down, and nsctl would put it up
    # veth mine0, whose other end is lonely:mine1: it bears a group or an alias of somebody else
    # veth host:d0: no subnet is made of it: nsctl would create route/both/10.31.0.0/24/table-1123640
    # address 10.30.0.8/24 on both:eth0: a second one, or of no shared network; it stays
    # route 10.97.0.0/16 in namespace both via 10.30.0.254 dev eth0 table 77: not something a topology says; it stays
    # route 10.96.0.0/16 in namespace both prohibit: not something a topology says; it stays
    # bridge br0: nsctl adopts no bridge; it stays, with its ports and its addresses
    # rules of FORWARD that are not understood decide on these direct paths; once applied they are closed: both-net to b1, both to b1
    # iptables -t filter -A FORWARD -s 10.30.0.0/24 -d 10.0.0.0/8 -m comment --comment "a b" -j DROP
    # iptables -t nat -A PREROUTING -p tcp -m tcp --dport 7100:7110 -j DNAT --to-destination 10.30.0.7:80
    # iptables -t nat -A PREROUTING -p tcp -m tcp --dport 7200 -j DNAT --to-destination 10.20.0.2:80
    # iptables -t nat -A PREROUTING -p tcp -m tcp --dport 7300 -m limit --limit 5/sec -j DNAT --to-destination 10.30.0.7:80
    # iptables -t nat -A PREROUTING -p tcp -m tcp --dport 7400 -j DNAT --to-destination 10.30.0.7:81    (another rule for this port comes first)
    # iptables -t nat -A OUTPUT -p tcp -m tcp --dport 7500 -j DNAT --to-destination 10.30.0.7:80    (for the host alone: a forward would publish it outside as well)
    # iptables -t nat -A POSTROUTING -o ens5 -j MASQUERADE
    # ip6tables -t nat -A PREROUTING -i ens5 -p tcp -m tcp --dport 7000 -j REDIRECT --to-ports 80
    "
  `)
  expect(text).not.toContain('\u001b')
  expect(await beyondTakingOver(text)).toEqual([])
  const objects = await identities()
  expect(await host.nsctl(['apply', FILE])).toMatchObject({ exitCode: 0 })
  expect(await identities()).toBe(objects)
  expect((await host.nsctl(['plan', FILE, '--detailed-exitcode'])).exitCode).toBe(0)
  await host.nsctl(['destroy', '--yes'])
  expect(difference(before, await picture(host))).toEqual([])
})

test('several uplinks: where a way back for each would be made, the first is kept and the others are told', async () => {
  await sh(BY_HAND)
  await sh(
    'ip link add ens6 type veth peer name far; ip addr add 198.18.0.1/24 dev ens6; ip link set ens6 up; ip link set far up; ip route add default via 198.18.0.2 dev ens6 metric 500',
  )
  const text = await imported()
  expect(text).toContain('\nuplinks: [ens5]\n')
  expect(text).toContain('# uplink ens6: ')
  expect(await beyondTakingOver(text)).toEqual([])
  expect(await imported(['--uplink', 'ens6'])).toContain('\nuplinks: [ens6]\n')
  expect(await host.nsctl(['import', '--uplink', 'nope'])).toMatchObject({ exitCode: 1 })
  expect(await host.nsctl(['import', '--name', 'No'])).toMatchObject({ exitCode: 64 })
})

test('a host with a resolver on loopback gets no resolv.conf for its namespaces', async () => {
  await sh(BY_HAND)
  await host.write('/etc/resolv.conf', 'nameserver 127.0.0.53\n')
  await host.write('/run/systemd/resolve/resolv.conf', 'nameserver 192.0.2.53\n')
  const text = await imported()
  expect(text).toContain('netns1: { adopt: true, nameservers: [] }')
  expect(await beyondTakingOver(text)).toEqual([])
})

test('what refuses the file as a whole is told in it', async () => {
  await host.write(
    '/run/one.yaml',
    'name: one\nsubnets: { s: 10.1.0.0/24 }\nnamespaces: { one: {} }\nveths: [{ subnet: s, ends: [host, one] }]\nhost: { forward-policy: drop }\n',
  )
  expect((await host.nsctl(['apply', '/run/one.yaml'])).exitCode).toBe(0)
  expect(await imported()).toContain(
    '# nsctl plan refuses this file as it is: the topology one has set the FORWARD policy',
  )
})

test('a host with nothing on it is a topology with nothing in it', async () => {
  const text = await imported()
  expect(text).toContain('\nname: imported\nuplinks: [ens5]\n')
  expect(await changesOf(host, text)).toEqual([])
})
