import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { nsctlAsNobody } from '../host/nobody.ts'
import { applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'

const WEB = `
name: web
uplinks: [ens5]
subnets: { front: 10.20.0.0/24, back: { cidr: 10.21.0.0/24, bridge: br-back } }
namespaces: { shop: {}, db: {} }
veths:
  - { subnet: front, ends: [host, shop] }
  - { subnet: back, ends: [host, db] }
forwards:
  - { listen: 8000, to: shop:80 }
`

interface Check {
  check: string
  state: string
  summary: string
  findings: { severity: string; code: string; subject: string; consequence: string; remedy: string }[]
}

let host: Host
beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host.dispose())

async function doctor(): Promise<{ exitCode: number; checks: Check[]; found: string[] }> {
  const { exitCode, stdout, stderr } = await host.nsctl(['doctor', '--format', 'json'])
  expect(stderr).toBe('')
  const { formatVersion, checks } = JSON.parse(stdout) as { formatVersion: string; checks: Check[] }
  expect(formatVersion).toBe('1.0')
  const found = checks.flatMap(({ findings }) =>
    findings
      .filter(({ severity }) => severity === 'problem')
      .map(({ code, subject }) => `${code} ${subject}`),
  )
  expect(exitCode).toBe(found.length > 0 ? 2 : 0)
  return { exitCode, checks, found }
}

test('an untouched host has no problem, and is not touched', async () => {
  const before = await picture(host)
  expect((await doctor()).found).toEqual([])
  expect(difference(before, await picture(host))).toEqual([])
})

test('nor has one with a healthy topology, which is named', async () => {
  await applyText(host, WEB)
  const { found, checks } = await doctor()
  expect(found).toEqual([])
  expect(checks.find(({ check }) => check === 'topologies')).toMatchObject({ summary: 'web in-sync' })
  expect(checks.find(({ check }) => check === 'kernel')?.summary).toMatch(/veth.*devgroup.*conntrack.*DNAT/)
})

/** What is done to the host, what is found then, and what takes it back. */
const TROUBLES: [string, string, string, string][] = [
  [
    'drift',
    'ip -n shop route del default',
    'drifted web',
    'ip -n shop route add default via 10.20.0.1 dev eth0 proto 110',
  ],
  [
    'FORWARD DROP in the other variant',
    'iptables-legacy -P FORWARD DROP',
    'other-variant-drops legacy/ipv4',
    'iptables-legacy -P FORWARD ACCEPT',
  ],
  [
    'a namespace that was unmounted',
    'ip netns add gone && umount /run/netns/gone',
    'netns-leftover gone',
    'ip netns delete gone',
  ],
  [
    'strict rp_filter with a second way out',
    'ip link add up6 type veth peer name up7 && ip link set up6 up && ip route add default dev up6 metric 900 && sysctl -qw net.ipv4.conf.up6.rp_filter=1',
    'rp-filter-strict up6',
    'ip link del up6',
  ],
  [
    'a settings file that takes forwarding away',
    'mkdir -p /etc/sysctl.d && echo net.ipv4.ip_forward=0 > /etc/sysctl.d/99-hard.conf && sysctl -qw net.ipv4.ip_forward=1',
    'forwarding-taken-away net/ipv4/ip_forward',
    'rm /etc/sysctl.d/99-hard.conf && sysctl -qw net.ipv4.ip_forward=0 && for i in ens5 shop-eth0 br-back; do sysctl -qw net.ipv4.conf.$i.forwarding=1; done',
  ],
  [
    'a file of systemd-networkd that takes every veth',
    "mkdir -p /etc/systemd/network && printf '[Match]\\nName=*\\n' > /etc/systemd/network/all.network && cp /bin/sleep /run/systemd-networkd && (/run/systemd-networkd 600 > /dev/null 2>&1 & echo $! > /run/pid)",
    'interface-grabbed /etc/systemd/network/all.network',
    'kill $(cat /run/pid); rm /etc/systemd/network/all.network /run/systemd-networkd /run/pid',
  ],
]

test.each(TROUBLES)('%s is found, and only that', async (_, trouble, expected, remedy) => {
  await host.run('sh', ['-ec', trouble])
  const { found, checks } = await doctor()
  await host.run('sh', ['-ec', remedy])
  expect(found).toEqual([expected])
  const finding = checks.flatMap(({ findings }) => findings).find(({ severity }) => severity === 'problem')
  expect(finding?.consequence).toBeTruthy()
  expect(finding?.remedy).toBeTruthy()
})

test('what a kill leaves: half-written files are worth a note', async () => {
  await host.run('touch', ['/run/nsctl/.nsctl-0123456789ab'])
  const { found, checks } = await doctor()
  expect(found).toEqual([])
  expect(checks.at(-1)).toMatchObject({ check: 'leftovers', state: 'note' })
  await host.run('rm', ['/run/nsctl/.nsctl-0123456789ab'])
})

test('what an apply that was cut off leaves', async () => {
  const applied = JSON.parse(await host.read('/run/nsctl/applied/web.json'))
  const journal = {
    ...applied,
    pid: 4_000_000,
    startedAt: applied.appliedAt,
    creates: [],
    before: [],
    confirm: null,
    plan: { steps: [], changes: [] },
  }
  await host.run(
    'sh',
    ['-ec', 'mkdir -m 700 /run/nsctl/journal; umask 077; cat > /run/nsctl/journal/web.json'],
    {
      input: JSON.stringify(journal),
    },
  )
  expect((await doctor()).found).toEqual(['interrupted web'])
  await host.run('rm', ['-r', '/run/nsctl/journal'])
})

test('a topology whose record is lost, and claims that nothing stands behind', async () => {
  await host.run('mv', ['/run/nsctl/applied/web.json', '/run/kept.json'])
  expect((await doctor()).found).toEqual(['no-record web'])
  await host.run('mv', ['/run/kept.json', '/run/nsctl/applied/web.json'])
  const claims = JSON.parse(await host.read('/run/nsctl/claims.json'))
  const stale = {
    kind: 'address',
    scope: 'host',
    key: 'ens5/192.0.2.99/24',
    before: null,
    set: '',
    allForwarding: null,
    holders: ['web'],
  }
  await host.write('/run/nsctl/claims.json', JSON.stringify([...claims, stale]))
  expect((await doctor()).found).toEqual(['stale-claims web'])
  await host.write('/run/nsctl/claims.json', JSON.stringify(claims))
})

test('records that others may read are said, with what to do, not a crash', async () => {
  await host.run('chmod', ['755', '/run/nsctl'])
  const { found } = await doctor()
  await host.run('chmod', ['700', '/run/nsctl'])
  expect(found).toEqual(['unreadable host'])
})

test('as text: a line for each check, and one that counts', async () => {
  const { stdout } = await host.nsctl(['doctor'])
  expect(stdout).toMatch(/^✓ topologies +web in-sync$/m)
  expect(stdout).toMatch(/\n0 problems, \d+ notes?\n$/)
})

test('another user is shown what can be seen, and told what cannot', async () => {
  const { exitCode, stdout } = await nsctlAsNobody(host, ['doctor'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^. tools +ip /m)
  expect(stdout).toMatch(/^\? firewall +not seen$/m)
  expect(stdout).toMatch(/not seen: nsctl needs root/)
})

test('and after all that the topology is as it was', async () => {
  expect((await host.nsctl(['list', '--detailed-exitcode'])).exitCode).toBe(0)
  await destroy(host, ['web'])
})
