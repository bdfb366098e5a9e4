import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Started } from '../host/holder.ts'
import { createHost, type Host } from '../host/host.ts'
import { script, serveIn } from '../host/paths.ts'
import { applyText } from '../host/topology.ts'

const TOPOLOGY = `
name: web
uplinks: [ens5]
subnets:
  web1: 192.168.0.0/24
  web2: { cidr: 192.168.1.0/24, host-access: false }
namespaces: { netns1: {}, netns2: {} }
veths:
  - { subnet: web1, ends: [host:veth0, netns1:veth1] }
  - { subnet: web2, ends: [host:veth2, netns2:veth3] }
forwards:
  - { listen: 6000, to: netns1:8080 }
  - { listen: 6001, to: netns2:8080 }
`

interface Explanation {
  reachable: boolean | null
  verdict: { kind: string; why?: string; text?: string; owner?: string; unknown?: string[]; process?: string }
  remedy: string[]
  request: { where: string; owner: string | null; source: { file: string; line: number } | null }[]
}

let host: Host
let servers: Started[]
beforeAll(async () => {
  host = await createHost()
  await applyText(host, TOPOLOGY)
  servers = await serveIn(host, { netns1: [8080], host: [7001] })
})
afterAll(() => host.dispose())

/** To the published port, as text. */
const PUBLISHED = ['explain', 'tcp', 'outside', 'host:6000', '--family', 'ipv4']

async function explain(...args: string[]): Promise<Explanation> {
  const { stdout, stderr, exitCode } = await host.nsctl(['explain', ...args, '--format', 'json'])
  if (exitCode !== 0) throw new Error(stderr)
  const { formatVersion, explanations } = JSON.parse(stdout)
  expect(formatVersion).toBe('1.0')
  return explanations[0]
}

test('text: the walk, whose each rule is with its line of the file, the verdict, and what to do', async () => {
  const { stdout, exitCode } = await host.nsctl(PUBLISHED)
  expect(exitCode).toBe(0)
  const lines = stdout.replace(/\(pid \d+\)/g, '(pid N)').split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'tcp outside, by ens5 as 198.51.100.7 -> 203.0.113.10:6000',
      expect.stringMatching(
        /^ {2}nat NSCTL-web-DST rule 1 .*=> destination becomes 192\.168\.0\.2:8080 {3}\[nsctl:web .*web\.yaml:12\]$/,
      ),
      '  link  veth0  => to netns1:veth1',
      '  socket  tcp 192.168.0.2:8080  => node (pid N)',
      'and back',
      'OK: delivered to node (pid N) in netns1',
    ]),
  )
})

test('nothing listens: said with what to start', async () => {
  const { reachable, verdict, remedy } = await explain('tcp', 'outside', 'host:6001')
  expect({ reachable, verdict, remedy }).toMatchObject({
    reachable: false,
    verdict: {
      kind: 'failed',
      why: 'no-listener',
      text: 'nothing listens on tcp 192.168.1.2:8080 in netns2',
    },
    remedy: ['start the service on port 8080 in netns2; what listens: nsctl exec netns2 -- ss -lntp'],
  })
})

test('a published port whose link is down: nobody is told to open the fence', async () => {
  await host.run('ip', ['link', 'set', 'veth2', 'down'])
  const { verdict, remedy } = await explain('tcp', 'outside', 'host:6001')
  await host.run('ip', ['link', 'set', 'veth2', 'up'])
  expect({ verdict, remedy }).toMatchObject({
    verdict: { why: 'dropped', text: 'dropped by filter NSCTL-web-FENCE rule 1' },
    remedy: [
      'the link to 192.168.1.2 is gone or down: nsctl status web shows it, nsctl apply /run/topologies/web.yaml mends it',
    ],
  })
})

test('what the topology closes: by which of its rules, and which line would open it', async () => {
  expect(await explain('tcp', 'netns1', 'netns2:8080')).toMatchObject({
    verdict: { why: 'dropped', owner: 'nsctl:web', text: 'dropped by mangle NSCTL-web-GRD rule 1' },
    remedy: [
      'in /run/topologies/web.yaml: allow: [{ from: netns1, to: netns2, protocol: tcp, ports: [8080] }]; then nsctl apply /run/topologies/web.yaml',
    ],
  })
  expect(await explain('tcp', 'netns2', 'host:7001')).toMatchObject({
    verdict: { why: 'dropped', owner: 'nsctl:web' },
    remedy: [expect.stringContaining('host-access: false')],
  })
  expect(await explain('udp', 'netns1', '192.0.2.99:9', '--source', '10.99.0.1')).toMatchObject({
    verdict: { why: 'dropped', text: expect.stringContaining('NSCTL-web-RAW') },
  })
})

test('a forward whose rule is gone is to be applied again, and status shows it as missing', async () => {
  await script(host, 'iptables -t nat -D NSCTL-web-DST 1')
  const { remedy } = await explain('tcp', 'outside', 'host:6000')
  const status = await host.nsctl(['status', 'web', '--detailed-exitcode'])
  await applyText(host, TOPOLOGY)
  expect(remedy).toEqual([
    'the forward 6000 -> netns1:8080 of web is applied but its rule is missing: nsctl apply /run/topologies/web.yaml',
  ])
  expect(status).toMatchObject({
    exitCode: 2,
    stdout: expect.stringMatching(/^tcp +0\.0\.0\.0:6000 +netns1 192\.168\.0\.2:8080 +its rule is missing$/m),
  })
})

describe('rules of others', () => {
  test.each([
    [
      'Docker',
      '-N DOCKER-FORWARD; TOOL -A DOCKER-FORWARD -j DROP; TOOL -I FORWARD -j DOCKER-FORWARD',
      '-D FORWARD -j DOCKER-FORWARD; TOOL -F DOCKER-FORWARD; TOOL -X DOCKER-FORWARD',
    ],
    [
      'libvirt',
      '-I FORWARD -o virbr0 -j REJECT; TOOL -I FORWARD -i virbr0 -j REJECT; TOOL -N LIBVIRT_FWX; TOOL -A LIBVIRT_FWX -j REJECT; TOOL -I FORWARD -j LIBVIRT_FWX',
      '-F FORWARD; TOOL -F LIBVIRT_FWX; TOOL -X LIBVIRT_FWX',
    ],
    [
      'ufw',
      '-N ufw-before-forward; TOOL -A ufw-before-forward -p tcp -j DROP; TOOL -I FORWARD -j ufw-before-forward',
      '-D FORWARD -j ufw-before-forward; TOOL -F ufw-before-forward; TOOL -X ufw-before-forward',
    ],
    ['unknown', '-I FORWARD -p tcp -m comment --comment "ticket 17" -j DROP', '-F FORWARD'],
  ])('of %s are told by name', async (owner, make, mend) => {
    const tool = 'iptables-legacy'
    await script(host, `${tool} ${make.replaceAll('TOOL', tool)}`)
    try {
      expect(await explain('tcp', 'outside', 'host:6000')).toMatchObject({
        reachable: false,
        verdict: {
          ...{ owner, text: expect.stringContaining('legacy filter') },
          comment: owner === 'unknown' ? 'ticket 17' : null,
        },
      })
    } finally {
      await script(host, `${tool} ${mend.replaceAll('TOOL', tool)}`)
    }
  })

  test('that cannot be evaluated leave the verdict open, and are named', async () => {
    const rule = 'FORWARD -p tcp -m recent --rcheck --name bad --rsource -j DROP'
    await script(host, `iptables -I ${rule}`)
    try {
      const { reachable, verdict } = await explain('tcp', 'outside', 'host:6000')
      expect({ reachable, verdict }).toMatchObject({
        reachable: null,
        verdict: {
          kind: 'undetermined',
          unknown: [expect.stringMatching(/-m recent .*in filter FORWARD rule 1 of host \(unknown\)/)],
        },
      })
      const { stdout, exitCode } = await host.nsctl(PUBLISHED)
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: expect.stringMatching(/^UNDETERMINED[\s\S]*\n {2}unknown: -m recent/m),
      })
    } finally {
      await script(host, `iptables -D ${rule}`)
    }
  })
})

test('a listener on the loopback alone is named', async () => {
  servers.push(await host.serve({ namespace: 'netns2', name: 'local', tcp: [8080], address: '127.0.0.1' }))
  expect((await explain('tcp', 'outside', 'host:6001')).verdict.text).toMatch(
    /node \(pid \d+\) listens on 127\.0\.0\.1 only$/,
  )
})

test('it changes nothing', async () => {
  const tables = async () =>
    (
      await host.run('sh', [
        '-c',
        'iptables-save | grep -v "^[#:]"; cat /proc/net/ip_tables_names; ip netns exec netns1 cat /proc/net/ip_tables_names',
      ])
    ).stdout
  const before = await tables()
  await explain('tcp', 'netns1', 'host:6001')
  expect(await tables()).toBe(before)
})

test.each([
  [['tls', 'netns1', 'host:80'], 64, 'Allowed choices are tcp, udp, sctp, icmp'],
  [['tcp', 'netns1', 'host'], 64, 'tcp needs a port'],
  [['icmp', 'netns1', 'host:80'], 64, 'ICMP has no ports'],
  [['tcp', 'nets1', 'host:80'], 1, 'nets1: no such namespace; those of this host: netns1, netns2'],
  [['tcp', 'outside', 'host:80', '--uplink', 'eth9'], 1, 'eth9: no such interface'],
  [['tcp', 'outside', 'host:80', '--source', 'me'], 64, 'is no address'],
  [['tcp', 'netns1', 'host:99999'], 64, 'write it as NAMESPACE:PORT'],
])('%j is refused', async (args, code, text) => {
  const { exitCode, stderr } = await host.nsctl(['explain', ...args])
  expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringContaining(text) })
})
