import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { difference } from './difference.ts'
import { type Picture, picture } from './oracle.ts'

let host: Host
let before: Picture
beforeEach(async () => {
  host = await createHost()
  before = await picture(host)
})
afterEach(() => host.dispose())

const changes = async () => difference(before, await picture(host))

test('two pictures of an idle host are the same', async () => {
  await host.run('ip', ['netns', 'add', 'web'])
  await host.run('ip', ['link', 'add', 'br0', 'up', 'type', 'bridge'])
  await host.run('ip', ['link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'web'])
  await host.run('ip', ['link', 'set', 'veth0', 'up', 'master', 'br0'])
  await host.run('ip', ['-n', 'web', 'link', 'set', 'eth0', 'up'])
  before = await picture(host)
  expect(before.namespaces.web?.links.eth0?.addresses).toEqual([expect.stringContaining('fe80:')])
  expect(await changes()).toEqual([])
})

test('looking leaves no trace, and neither does any call of iptables', async () => {
  for (const tool of ['iptables', 'ip6tables']) {
    for (const table of ['filter', 'nat', 'mangle', 'raw']) {
      await host.run(`${tool}-nft`, ['-t', table, '-S'])
      await host.run(`${tool}-legacy`, ['-t', table, '-S'])
    }
  }
  expect(await changes()).toEqual([])
})

test('what comes and goes again leaves the same picture', async () => {
  await host.run('ip', ['netns', 'add', 'web'])
  await host.run('ip', ['link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'web'])
  await host.run('iptables', ['-t', 'nat', '-A', 'POSTROUTING', '-j', 'MASQUERADE'])
  expect((await changes()).length).toBeGreaterThan(0)
  await host.run('iptables', ['-t', 'nat', '-D', 'POSTROUTING', '-j', 'MASQUERADE'])
  await host.run('ip', ['link', 'del', 'veth0'])
  await host.run('ip', ['netns', 'del', 'web'])
  expect(await changes()).toEqual([])
})

test('sees a sysctl', async () => {
  await host.run('sysctl', ['-q', '-w', 'net.ipv4.conf.ens5.rp_filter=2'])
  expect(await changes()).toEqual([
    expect.stringMatching(/^~ namespaces > host > sysctls > net\/ipv4\/conf\/ens5 > rp_filter: .* -> "2"$/),
  ])
})

test('sees a sysctl of a namespace', async () => {
  await host.in('outside', 'sysctl', ['-q', '-w', 'net.ipv6.conf.all.forwarding=1'])
  expect(await changes()).toContain(
    '~ namespaces > outside > sysctls > net/ipv6/conf/all > forwarding: "0" -> "1"',
  )
})

test('sees an address, with the routes that come with it', async () => {
  await host.run('ip', ['address', 'add', '192.0.2.1/24', 'dev', 'ens5'])
  const seen = await changes()
  expect(seen).toContainEqual(
    expect.stringMatching(/^\+ namespaces > host > links > ens5 > addresses: .*192\.0\.2\.1/),
  )
  expect(seen).toContainEqual(expect.stringMatching(/^\+ namespaces > host > routes: .*192\.0\.2\.0\/24/))
})

test('sees a route in a table of its own, and the rule that leads there', async () => {
  await host.run('ip', ['-6', 'route', 'add', 'blackhole', '2001:db8:66::/48', 'table', '77', 'proto', '110'])
  await host.run('ip', ['-6', 'rule', 'add', 'from', '2001:db8:67::/48', 'lookup', '77', 'proto', '110'])
  expect(await changes()).toEqual([
    expect.stringMatching(/^\+ namespaces > host > routes: .*2001:db8:66::.*"table":"77","protocol":"110"/),
    expect.stringMatching(/^\+ namespaces > host > rules > ipv6: .*2001:db8:67::/),
  ])
})

test('sees an attribute of a link', async () => {
  await host.run('ip', ['link', 'set', 'ens5', 'mtu', '1400', 'alias', 'somebody'])
  const seen = await changes()
  expect(seen).toContain('~ namespaces > host > links > ens5 > attributes > mtu: "1500" -> "1400"')
  expect(seen).toContain('+ namespaces > host > links > ens5 > attributes > ifalias: "somebody"')
})

test.each(['nft', 'legacy'])('sees a policy, a rule and its place: %s', async variant => {
  const iptables = (...args: string[]) => host.run(`iptables-${variant}`, args)
  await iptables('-P', 'FORWARD', 'DROP')
  expect(await changes()).toEqual([
    `+ namespaces > host > firewall > iptables-${variant} > filter: with FORWARD`,
  ])
  await iptables('-A', 'INPUT', '-p', 'tcp', '-j', 'ACCEPT')
  await iptables('-A', 'INPUT', '-p', 'udp', '-j', 'ACCEPT')
  before = await picture(host)
  await iptables('-D', 'INPUT', '1')
  await iptables('-A', 'INPUT', '-p', 'tcp', '-j', 'ACCEPT')
  expect(await changes()).toEqual([
    `~ namespaces > host > firewall > iptables-${variant} > filter > INPUT > rules: at 1 of those that stayed: -p tcp -j ACCEPT -> -p udp -j ACCEPT`,
    `~ namespaces > host > firewall > iptables-${variant} > filter > INPUT > rules: at 2 of those that stayed: -p udp -j ACCEPT -> -p tcp -j ACCEPT`,
  ])
  await iptables('-P', 'FORWARD', 'ACCEPT')
  expect(await changes()).toContain(
    `- namespaces > host > firewall > iptables-${variant} > filter > FORWARD: with policy, rules`,
  )
})

test('sees files, their mode and content', async () => {
  await host.write('/etc/netns/web/resolv.conf', 'nameserver 192.0.2.53\n')
  await host.run('chmod', ['0700', '/etc/netns'])
  await host.write('/run/nsctl/claims', '[]\n')
  await host.write('/run/nsctl/lock', '')
  expect(await changes()).toEqual([
    '+ files > /etc/netns: "d 700\\n"',
    '+ files > /etc/netns/web: "d 755\\n"',
    '+ files > /etc/netns/web/resolv.conf: "f 644\\nnameserver 192.0.2.53\\n"',
    '+ files > /run/nsctl/claims: "f 644\\n[]\\n"',
  ])
})

test('sees a mount, a namespace, and a name of one that is none', async () => {
  await host.run('mount', ['-t', 'tmpfs', 'tmpfs', '/run/lock'])
  await host.run('ip', ['netns', 'add', 'web'])
  await host.write('/run/netns/broken', '')
  const seen = await changes()
  expect(seen).toContainEqual(expect.stringMatching(/^\+ mounts: \/run\/lock .*tmpfs/))
  expect(seen).toContainEqual(expect.stringMatching(/^\+ mounts: \/run\/netns\/web /))
  expect(seen).toContain('+ namespaces > web: with links, routes, rules, sysctls, firewall…')
  expect(seen).toContain('+ brokenNamespaces: broken')
})
