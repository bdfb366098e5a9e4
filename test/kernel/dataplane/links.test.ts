import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, CLIENT6, HOST4, HOST6 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { script, serveIn } from '../host/paths.ts'
import { PATIENTLY } from '../host/patience.ts'
import { echo, openFlow } from '../host/stream.ts'
import { applyFile, applyText, destroy } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

const LINKS = `
name: links
uplinks: [ens5]
subnets:
  sf: { cidr: [10.90.0.0/24, fd90::/64] }
  ss: { cidr: [10.90.1.0/24, fd90:0:0:1::/64] }
namespaces: { fast: {}, slow: {} }
veths:
  - { subnet: sf, ends: [host, fast] }
  - { subnet: ss, ends: [host, { namespace: slow, rate: 2mbit }] }
forwards:
  - { listen: 8000, to: fast:80, protocol: [tcp, sctp] }
`

describe.each(['nft', 'legacy'])('links and what they carry, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture

  beforeAll(async () => {
    host = await createHost()
    await script(host, 'ip link set ens5 mtu 1400')
    before = await picture(host)
    await applyText(host, LINKS, options)
    await Promise.all([
      serveIn(host, { fast: [81] }),
      echo(host, 'fast', { tcp: [80] }),
      echo(host, 'outside', { tcp: [80] }),
    ])
  })
  afterAll(() => host.dispose())

  /** What a server may send at once, by the size that the other side announced; timestamps take 12 of it. */
  const segmentSizes = async (namespace: string) =>
    [...(await host.in(namespace, 'ss', ['-Htni', 'sport = :80'])).stdout.matchAll(/ mss:(\d+)/g)]
      .map(([, size]) => Number(size))
      .sort()

  test('TCP through a narrower uplink is told its size, in both families and directions', async () => {
    const outward = await Promise.all([
      openFlow(host, 'fast', { address: CLIENT4, port: 80 }),
      openFlow(host, 'fast', { address: CLIENT6, port: 80 }),
    ])
    await Promise.all(outward.map(flow => flow.until(/^outside$/)))
    expect(await segmentSizes('outside')).toEqual([1400 - 60 - 12, 1400 - 40 - 12])
    const announced = JSON.stringify(
      (await host.in('outside', 'ip', ['-j', 'link', 'show', 'dev', 'eth0'])).stdout,
    )
    expect(announced).toContain('\\"mtu\\":1500')
    await Promise.all(outward.map(flow => flow.stop()))
    const inward = await Promise.all([
      openFlow(host, 'outside', { address: HOST4, port: 8000 }),
      openFlow(host, 'outside', { address: HOST6, port: 8000 }),
    ])
    await Promise.all(inward.map(flow => flow.until(/^fast$/)))
    const client = (await host.in('outside', 'ss', ['-Htni', 'dport = :8000'])).stdout
    expect([...client.matchAll(/ mss:(\d+)/g)].map(([, size]) => Number(size)).sort()).toEqual([1328, 1348])
    await Promise.all(inward.map(flow => flow.stop()))
  })

  test('an end with a rate sends far slower than one without', async () => {
    const qdiscs = async (namespace: string) =>
      JSON.parse((await host.run('tc', ['-n', namespace, '-j', 'qdisc', 'show', 'dev', 'eth0'])).stdout)
    expect(await qdiscs('slow')).toMatchObject([{ kind: 'tbf', options: { rate: 250_000 } }])
    expect(await qdiscs('fast')).not.toMatchObject([{ kind: 'tbf' }])
    const took = async (namespace: string, gateway: string) => {
      const sink = await host.start(process.execPath, ['-e', SINK], { ready: /ready/ })
      const { stdout } = await host.in(namespace, process.execPath, ['-e', SOURCE, gateway])
      await sink.ended
      return Number(stdout)
    }
    const slow = await took('slow', '10.90.1.1')
    // All but what the bucket holds goes at the rate, on a busy machine no faster.
    expect(slow).toBeGreaterThan(((AMOUNT * 8) / 2_000_000) * 1000 * 0.8)
    await expect.poll(() => took('fast', '10.90.0.1'), { timeout: PATIENTLY }).toBeLessThan(slow / 3)
  })

  test('SCTP is translated: its first packet arrives, and is answered, as if the host had been asked', async () => {
    const heard = await host.start('perl', ['-e', SCTP, 'hear'], { namespace: 'fast', ready: /ready/ })
    const { stdout } = await host.in('outside', 'perl', ['-e', SCTP, 'say', CLIENT4, HOST4, '8000'])
    expect(await heard.ended).toMatchObject({
      stdout: expect.stringContaining(`from ${CLIENT4} to port 80\n`),
    })
    expect(stdout).toBe(`answered by ${HOST4} port 8000\n`)
  })

  test('destroy gives the host back as it was', async () => {
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })
})

const AMOUNT = 600_000
const SINK = `
const server = require('net').createServer(s => { let n = 0; s.on('data', d => { n += d.length }).on('end', () => { s.end(String(n)); server.close() }) })
server.listen(9100, '0.0.0.0', () => console.log('ready'))`
const SOURCE = `
const s = require('net').connect(9100, process.argv[1], () => s.end(Buffer.alloc(${AMOUNT})))
const began = performance.now()
s.resume().on('close', () => console.log(performance.now() - began))`

/** The kernel of the tests may have no SCTP sockets: INIT and INIT ACK by hand, with the checksum that conntrack checks. */
const SCTP = `
use strict; use Socket; $| = 1;
my ($mode, $source, $target, $port) = @ARGV;
sub crc { my $c = 0xffffffff; for my $b (unpack 'C*', shift) { $c ^= $b; $c = $c & 1 ? ($c >> 1) ^ 0x82f63b78 : $c >> 1 for 1..8 } return ~$c & 0xffffffff }
sub packet { my ($from, $to, $tag, $type) = @_;
  my $chunk = pack 'CCnNNnnN', $type, 0, 20, 0x1234, 65536, 1, 1, 1;
  my $head = pack 'nnN', $from, $to, $tag;
  return $head . pack('V', crc($head . pack('N', 0) . $chunk)) . $chunk }
socket(my $s, AF_INET, SOCK_RAW, 132) or die "socket: $!";
alarm 10;
if ($mode eq 'hear') {
  print "ready\\n";
  my $peer = recv $s, my $data, 2048, 0;
  my $hop = 4 * (ord($data) & 15);
  my ($from, $to) = unpack 'nn', substr $data, $hop;
  my (undef, $address) = unpack_sockaddr_in $peer;
  print 'from ', inet_ntoa($address), " to port $to\\n";
  send $s, packet($to, $from, 0x1234, 2), 0, pack_sockaddr_in(0, $address) or die "send: $!";
} else {
  bind $s, pack_sockaddr_in(0, inet_aton $source) or die "bind: $!";
  send $s, packet(40000, $port, 0, 1), 0, pack_sockaddr_in(0, inet_aton $target) or die "send: $!";
  my $peer = recv $s, my $data, 2048, 0;
  my ($from) = unpack 'n', substr $data, 4 * (ord($data) & 15);
  my (undef, $address) = unpack_sockaddr_in $peer;
  print 'answered by ', inet_ntoa($address), " port $from\\n";
}`

describe('namespaces as routers', () => {
  const ROUTERS = fileURLToPath(new URL('../../../examples/routers.yaml', import.meta.url))
  let host: Host

  beforeAll(async () => {
    host = await createHost({ uplink: false })
    await script(host, 'ip netns add first; ip netns del first')
  })
  afterAll(() => host.dispose())

  const ping = async (from: string, to: string, ...more: string[]) =>
    (await host.in(from, 'ping', ['-n', '-c', '1', '-W', '2', ...more, to], { reject: false })).exitCode

  test('two hosts reach each other through a chain of three', async () => {
    const before = await picture(host)
    await applyFile(host, ROUTERS)
    expect(await ping('left', '10.0.9.10')).toBe(0)
    expect(await ping('right', '10.0.1.10')).toBe(0)
    // Three routers on the way: with two hops to live it does not arrive.
    expect(await ping('left', '10.0.9.10', '-t', '3')).not.toBe(0)
    expect(await ping('left', '10.0.9.10', '-t', '4')).toBe(0)
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
    expect(readFileSync(ROUTERS, 'utf8')).not.toMatch(/uplinks/)
  })

  test('in a ring everybody reaches everybody, each way round, in both families', async () => {
    const before = await picture(host)
    const names = ['r0', 'r1', 'r2', 'r3']
    const next = (i: number) => (i + 1) % names.length
    const text = `
name: ring
namespaces:
${names
  .map((name, i) => {
    const [right, left] = [next(i), (i + names.length - 1) % names.length]
    const opposite = next(right)
    return `  ${name}:
    sysctls: { net.ipv4.ip_forward: 1, net.ipv6.conf.all.forwarding: 1 }
    routes:
      - { to: 10.91.${right}.0/24, via: 10.91.${i}.2 }
      - { to: 10.91.${opposite}.0/24, via: 10.91.${i}.2 }
      - { to: 'fd91:0:0:${right}::/64', via: 'fd91:0:0:${i}::2' }
      - { to: 'fd91:0:0:${opposite}::/64', via: 'fd91:0:0:${left}::1' }`
  })
  .join('\n')}
veths:
${names
  .map(
    (name, i) => `  - ends:
      - { namespace: ${name}, interface: right, address: [10.91.${i}.1/24, 'fd91:0:0:${i}::1/64'] }
      - { namespace: ${names[next(i)]}, interface: left, address: [10.91.${i}.2/24, 'fd91:0:0:${i}::2/64'] }`,
  )
  .join('\n')}
`
    await applyText(host, text)
    const results = await Promise.all(
      names.flatMap((_, i) =>
        names.flatMap((from, j) =>
          [`10.91.${i}.1`, `fd91:0:0:${i}::1`].map(async to => [from, j, to, await ping(from, to)]),
        ),
      ),
    )
    expect(results.filter(([, , , code]) => code !== 0)).toEqual([])
    expect(results).toHaveLength(32)
    await destroy(host)
    expect(difference(before, await picture(host))).toEqual([])
  })
})
