import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host, NSCTL } from '../host/host.ts'
import { script, serveIn } from '../host/paths.ts'
import { applyText, topologyFile } from '../host/topology.ts'

const BASE = `
name: web
uplinks: [ens5]
subnets:
  web1: { cidr: [192.168.0.0/24, fd00:1::/64] }
  web2: 192.168.1.0/24
namespaces: { netns1: {}, netns2: {} }
veths:
  - { subnet: web1, ends: [host:veth0, netns1:veth1] }
  - { subnet: web2, ends: [host:veth2, netns2:veth3] }
`
const FORWARDS = `
forwards:
  - { listen: 6000, to: netns1:8080, protocol: [tcp, udp] }
`
const expecting = (...lines: string[]) => `expect:\n${lines.map(line => `  - { ${line} }\n`).join('')}`

describe('verify', () => {
  let host: Host
  beforeAll(async () => {
    host = await createHost()
    await applyText(host, BASE + FORWARDS)
    await serveIn(host, { netns1: [8080], outside: [80] }, [8080, 53])
    await script(host, 'iptables -I FORWARD -d 192.168.0.2 -p tcp --dport 8081 -j REJECT')
  })
  afterAll(() => host.dispose())

  async function verify(...lines: string[]) {
    const path = await topologyFile(host, BASE + FORWARDS + expecting(...lines))
    const { exitCode, stdout, stderr } = await host.nsctl(['verify', path, '--format', 'json'])
    if (stdout === '') throw new Error(stderr)
    const { expectations } = JSON.parse(stdout) as {
      expectations: { outcome: string; by: string; what: string; why: string[]; ms: number }[]
    }
    return {
      exitCode,
      found: expectations.map(({ outcome, by, what }) => `${outcome} ${by}: ${what}`),
    }
  }

  test('sends real packets for what is to be reached and what is not, by every protocol', async () => {
    expect(
      await verify(
        'from: netns2, to: host:6000',
        'from: netns2, to: host:6000, protocol: udp',
        'from: host, to: netns1:8080',
        'from: host, to: "[fd00:1::2]:8080"',
        'from: netns1, to: 198.51.100.7:80',
        'from: netns1, to: 198.51.100.7:53, protocol: udp',
        'from: netns1, to: 198.51.100.7, protocol: icmp',
        'from: netns2, to: netns1:8080, reachable: false',
        'from: netns2, to: netns1, protocol: icmp, reachable: false',
        'from: netns1, to: host:6001, reachable: false',
      ),
    ).toEqual({
      exitCode: 0,
      found: [
        'holds packets: connected',
        'holds packets: answered',
        'holds packets: connected',
        'holds packets: connected',
        'holds packets: connected',
        'holds packets: answered',
        'holds packets: answered',
        'holds packets: no answer in 1.5 s',
        'holds packets: no answer in 1.5 s',
        'holds packets: refused: nothing listens',
      ],
    })
  })

  test('says of what does not hold why, and exits with 2', async () => {
    expect(
      await verify(
        'from: netns1, to: netns2:8080',
        'from: netns2, to: host:6001',
        'from: netns2, to: host:6000, reachable: false',
        'from: netns1, to: netns2:9, protocol: udp',
      ),
    ).toEqual({
      exitCode: 2,
      found: [
        'fails packets: no answer in 1.5 s',
        'fails packets: refused: nothing listens',
        'fails packets: connected',
        'fails packets: no answer, and nothing received',
      ],
    })
    const text = await host.nsctl([
      'verify',
      await topologyFile(host, BASE + expecting('from: netns1, to: netns2:8080')),
    ])
    expect(text.stdout).toMatch(
      /^FAILS {2}tcp netns1 -> netns2:8080 .*web\.yaml:\d+\n {9}explain: dropped by mangle NSCTL-web-GRD rule 1\n[\s\S]*\n1 expectation: 1 not as expected\.\n$/,
    )
  })

  test('a UDP server that keeps silent is reached when it is given the datagrams', async () => {
    const silent = `require('dgram').createSocket('udp4').bind(9, () => console.log('ready'))`
    await host.start(process.execPath, ['-e', silent], { namespace: 'netns1', ready: /ready/ })
    expect(await verify('from: host, to: netns1:9, protocol: udp')).toEqual({
      exitCode: 0,
      found: [expect.stringMatching(/^holds packets: received by node \(pid \d+\), which did not answer$/)],
    })
  })

  test('a path is open where nothing listens yet: a refusal by the end itself shows it, one by a rule does not', async () => {
    await script(
      host,
      `ip netns exec netns1 sh -c '
         iptables -A INPUT -p tcp --dport 8082 -j REJECT --reject-with tcp-reset
         iptables -A INPUT -p udp --dport 8082 -j REJECT
         iptables -A INPUT -p tcp --dport 8083 -m string --string x --algo bm -j REJECT --reject-with tcp-reset'`,
    )
    expect(
      await verify(
        'from: netns2, to: host:6000, open: true',
        'from: host, to: netns1:7, open: true',
        'from: host, to: "[fd00:1::2]:7", open: true',
        'from: host, to: netns1:7, protocol: udp, open: true',
        'from: host, to: "[fd00:1::2]:7", protocol: udp, open: true',
        'from: host, to: netns1:8083, open: true',
        'from: outside, to: host:6000, open: true',
        'from: netns1, to: 198.51.100.7:7, open: true',
      ),
    ).toEqual({
      exitCode: 0,
      found: [
        'holds packets: connected',
        ...Array(5).fill('holds packets: open: refused by netns1 itself, nothing listens'),
        'holds explain: judged by explain, outside cannot send from here: delivered in netns1',
        'holds packets: open: refused by outside itself, nothing listens',
      ],
    })
    const nat = 'iptables -t nat -I PREROUTING -p tcp --dport 6000 -j ACCEPT'
    await script(host, nat)
    const refused = await verify(
      'from: host, to: "192.168.0.2:8082", open: true',
      'from: host, to: "192.168.0.2:8082", protocol: udp, open: true',
      'from: netns2, to: host:6000, open: true',
    )
    await script(host, nat.replace('-I', '-D'))
    expect(refused).toEqual({
      exitCode: 2,
      found: [
        ...Array(2).fill('fails packets: refused on the way, not by netns1'),
        'fails explain: ends in host, not in netns1',
      ],
    })
  })

  test('what cannot be told is undetermined, and no failure', async () => {
    const tables = (action: string) =>
      `for tables in iptables ip6tables; do $tables ${action} FORWARD -p tcp --dport 8080 -m recent --rcheck --name banned -j DROP; done`
    await script(host, tables('-I'))
    const found = await verify('from: outside, to: host:6000', 'from: netns2, to: host:6000')
    await script(host, tables('-D'))
    expect(found).toEqual({
      exitCode: 0,
      found: [
        'undetermined explain: judged by explain, outside cannot send from here: undetermined',
        'holds packets: connected',
      ],
    })
  })

  test('what would come from outside is judged by explain, and that is said', async () => {
    expect(
      await verify('from: outside, to: host:6000', 'from: outside, to: netns1:8080, reachable: false'),
    ).toEqual({
      exitCode: 0,
      found: [
        expect.stringMatching(
          /^holds explain: judged by explain, outside cannot send from here: delivered to node/,
        ),
        'holds explain: judged by explain, outside cannot send from here: dropped by mangle NSCTL-web-GRD rule 1',
      ],
    })
  })

  test('what a busy machine sends to it late is waited for', async () => {
    const late = `(sleep 0.5; echo '[]') | ${process.execPath} ${NSCTL} probe`
    expect(await host.run('sh', ['-c', late])).toMatchObject({ stdout: '[]\n', stderr: '' })
  })

  test('probes are sent without the privileges of root', async () => {
    const open = `require('net').createServer(s => { const fs = require('fs'); const me = fs.readdirSync('/proc').filter(p => /^\\d+$/.test(p)).map(p => { try { return fs.readFileSync('/proc/' + p + '/cmdline', 'utf8').includes('\\0probe\\0') ? fs.readFileSync('/proc/' + p + '/status', 'utf8').match(/^(Uid|CapEff):.*/gm).join(' ') : '' } catch { return '' } }).filter(Boolean); console.log(JSON.stringify(me)); s.destroy() }).listen(8099, () => console.log('ready'))`
    const server = await host.start(process.execPath, ['-e', open], { namespace: 'netns1', ready: /ready/ })
    // Silence keeps the process there for as long as the other end takes to look.
    await verify('from: host, to: netns1:8099', 'from: host, to: netns1:9, protocol: udp')
    const seen = server.stdout().split('\n')[1] ?? ''
    expect(seen).toMatch(/65534.*CapEff:\\t0{16}/)
  })

  test('JUnit names what fails', async () => {
    const path = await topologyFile(host, BASE + expecting('from: netns1, to: netns2:8080'))
    const { stdout, exitCode } = await host.nsctl(['verify', path, '--format', 'junit'])
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(
      /<testsuite name="web" tests="1" failures="1"[\s\S]*<testcase name="tcp netns1 -&gt; netns2:8080"[\s\S]*<failure message="no answer in 1\.5 s">/,
    )
  })

  test('of what is not applied nothing is reached', async () => {
    const other = BASE.replaceAll('netns', 'other')
      .replaceAll('veth', 'vother')
      .replace('vothers:', 'veths:')
      .replace('name: web', 'name: none')
    const path = await topologyFile(
      host,
      other + expecting('from: other1, to: host:22', 'from: other1, to: host:22, reachable: false'),
    )
    const { stdout, exitCode } = await host.nsctl(['verify', path])
    expect({ exitCode, stdout }).toEqual({
      exitCode: 2,
      stdout: expect.stringContaining('other1: no such namespace'),
    })
  })
})

describe('apply --verify', () => {
  test('succeeds at first, where nothing listens yet, for what is to be open', async () => {
    await using host = await createHost()
    const path = await topologyFile(
      host,
      BASE +
        FORWARDS +
        expecting('from: netns2, to: host:6000, open: true', 'from: outside, to: host:6000, open: true'),
    )
    const first = await host.nsctl(['apply', path, '--verify'])
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('2 expectations: all hold.') })
  })

  test('takes back an apply that breaks what held, and keeps what was broken before', async () => {
    await using host = await createHost()
    const listening = 'from: host, to: netns1:8080'
    const broken = 'from: netns1, to: host:6009'
    await applyText(host, BASE + FORWARDS + expecting(listening, broken))
    await serveIn(host, { netns1: [8080], host: [7001] })
    const published = 'from: netns2, to: host:6000'
    const service = 'from: netns1, to: host:7001'

    // New, and it holds; what was broken all along is no reason to go back.
    const expected = FORWARDS + expecting(listening, broken, published, service)
    const narrower = BASE.replace('192.168.1.0/24', '{ cidr: 192.168.1.0/24, mtu: 1400 }')
    const edited = await topologyFile(host, narrower + expected)
    const kept = await host.nsctl(['apply', edited, '--verify', '--yes'])
    expect(kept).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('4 expectations: 1 not as expected.'),
    })

    const before = await host.read(edited)
    const closed = BASE.replace('fd00:1::/64] }', 'fd00:1::/64], host-access: false }')
    const closing = await topologyFile(host, closed + expected)
    const refused = await host.nsctl(['apply', closing, '--verify', '--yes'])
    expect(refused).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('not as expected: tcp netns1 -> host:7001'),
    })
    expect(refused.stderr).toContain('everything was rolled back')
    await host.write(edited, before)
    expect(await host.nsctl(['plan', edited, '--detailed-exitcode'])).toMatchObject({ exitCode: 0 })
  })

  test('takes back what breaks a new expectation, with --confirm too, and waits for confirmation when all holds', async () => {
    await using host = await createHost()
    const wrong = await topologyFile(host, BASE + FORWARDS + expecting('from: netns2, to: host:6000'))
    const refused = await host.nsctl(['apply', wrong, '--verify', '--confirm', '60s', '--yes'])
    expect(refused).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('not as expected: tcp netns2 -> host:6000'),
    })
    expect((await host.nsctl(['list'])).stdout).not.toContain('web')
    const right = await topologyFile(
      host,
      BASE + FORWARDS + expecting('from: netns1, to: host, protocol: icmp'),
    )
    const waiting = await host.nsctl(['apply', right, '--verify', '--confirm', '60s', '--yes'])
    expect(waiting).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('To keep it: nsctl confirm web'),
    })
    expect(await host.nsctl(['confirm'])).toMatchObject({ exitCode: 0 })
  })
})
