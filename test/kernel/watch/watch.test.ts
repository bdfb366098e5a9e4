import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyText, destroy, lastingDifference } from '../host/topology.ts'
import { picture } from '../oracle/oracle.ts'
import { type Call, standIns } from '../trust/stand-in.ts'
import { converged, inState, startWatch, type Watching } from './watching.ts'

const WEB = `name: web
uplinks: [default]
subnets: { front: 10.1.0.0/24, inner: 10.1.1.0/24 }
namespaces:
  n1: { sysctls: { net.ipv4.ip_default_ttl: 99 }, nameservers: [192.0.2.53] }
  n2: {}
  n3: {}
veths:
  - { subnet: front, ends: [host:v1, n1:eth0] }
  - { subnet: inner, ends: [n2:eth0, n3:eth0] }
forwards:
  - { listen: 6000, to: n1:8080 }
`
const FILE = '/run/config/web.yaml'

let host: Host
let watching: Watching
const sh = (script: string) => host.run('sh', ['-ec', script])
const upToDate = async (file = FILE, ...options: string[]) =>
  expect(await host.nsctl(['plan', file, '--detailed-exitcode', ...options])).toMatchObject({
    exitCode: 0,
    stderr: '',
  })
const statusOf = async (name: string) =>
  JSON.parse((await host.nsctl(['status', name, '--format', 'json'])).stdout)

beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host.dispose())

describe('a watcher of a file', () => {
  beforeAll(async () => {
    await host.write(FILE, WEB)
    watching = await startWatch(host, [FILE, '--metrics', '0'])
    await watching.line(converged)
  })
  afterAll(async () => {
    await watching.end()
    await host.nsctl(['destroy', 'web', '--yes'])
  })

  test('has converged the host to it, and says so', async () => {
    await upToDate()
    expect(await statusOf('web')).toMatchObject({
      sync: 'in-sync',
      watcher: { state: 'converged', alive: true, source: FILE, commit: null },
      history: [{ by: 'watch', changed: expect.arrayContaining([{ action: 'create', id: 'namespace/n1' }]) }],
    })
  })

  test.each([
    ['a link deleted', 'ip link del v1'],
    ['a link down in its namespace', 'ip -n n2 link set eth0 down'],
    ['an address gone from a namespace that no link joins to the host', 'ip -n n2 address flush dev eth0'],
    ['a rule flushed', 'iptables -t nat -F NSCTL-web-DST'],
    ['every rule gone', 'for t in raw mangle nat filter; do iptables -t $t -F; iptables -t $t -X; done'],
    ['forwarding off', 'echo 0 > /proc/sys/net/ipv4/conf/ens5/forwarding'],
    ['a setting in a namespace', 'ip netns exec n1 sysctl -q -w net.ipv4.ip_default_ttl=12'],
    ['a namespace unmounted', 'umount /run/netns/n3'],
    ['resolv.conf changed', 'echo nameserver 192.0.2.99 >> /etc/netns/n1/resolv.conf'],
  ])('hears of %s, and mends it', async (_, damage) => {
    const drift = await watching.after(() => sh(damage), converged)
    expect(drift).toMatchObject({ topology: 'web' })
    await upToDate()
  })

  test('names who flushed the rules', async () => {
    const drift = await watching.after(
      () => sh('ip6tables -t mangle -F NSCTL-web-GRD'),
      ({ msg }) => msg === 'web: drift',
    )
    expect(drift.likelyAuthors).toEqual([expect.stringMatching(/^ip6tables \(pid \d+\)$/)])
    await watching.line(converged, watching.log().indexOf(drift))
  })

  test('follows an edit, also by an editor that puts a new file in its place', async () => {
    const edited = WEB.replace('6000', '6007')
    await host.write('/run/config/.web.yaml.swp', edited)
    await watching.after(() => sh(`mv /run/config/.web.yaml.swp ${FILE}`), converged)
    await upToDate()
    expect((await host.run('iptables', ['-t', 'nat', '-S'])).stdout).toContain('--dport 6007')
    await watching.after(() => host.write(FILE, WEB), converged)
  })

  test.each([
    ['missing', `rm ${FILE}`, 'stale', /no such file/, 'ip -n n1 route del default'],
    ['empty', `: > ${FILE}`, 'stale', /the file is empty/, 'ip -n n2 link set eth0 mtu 1400'],
    [
      'cut off',
      `head -c 200 ${FILE} > /run/cut; cp /run/cut ${FILE}`,
      'stale',
      /line \d+/,
      'ip -n n3 link set eth0 down',
    ],
    [
      'cut off where it is still valid',
      `head -n 1 ${FILE} > /run/cut; cp /run/cut ${FILE}`,
      'blocked',
      /mass-delete/,
      'iptables -F NSCTL-web-FWD',
    ],
    [
      'cut off in its last line',
      `printf 'name: web\\nnamespaces: { n1: {}, n2: {}, n3: {} }' > ${FILE}`,
      'blocked',
      /cut-off/,
      'iptables -t nat -F NSCTL-web-PRE',
    ],
    ['invalid', `echo 'nonsense: 1' >> ${FILE}`, 'stale', /unknown/, 'ip -n n3 address flush dev eth0'],
  ])(
    'keeps what is when the file is %s, goes on mending it, and says so',
    async (_, damage, state, why, drift) => {
      const told = await watching.after(() => sh(damage), inState(state))
      expect(told.problems?.join()).toMatch(why)
      await watching.after(() => sh(drift), converged)
      expect((await sh('ip netns list | cut -d" " -f1 | sort')).stdout).toBe('n1\nn2\nn3\noutside\n')
      expect(await statusOf('web')).toMatchObject({
        sync: 'in-sync',
        health: 'degraded',
        watcher: { state, problems: [expect.stringMatching(why)] },
      })
      await watching.after(() => host.write(FILE, WEB), inState('converged'))
      await upToDate()
    },
  )

  test('keeps its way out while the default route is away', async () => {
    const route = (await host.run('ip', ['route', 'show', 'default'])).stdout.trim()
    await sh('ip route del default')
    await watching.after(() => sh('iptables -t nat -F NSCTL-web-POST'), converged)
    expect((await host.run('iptables', ['-t', 'nat', '-S', 'NSCTL-web-POST'])).stdout).toMatch(
      /ens5.* MASQUERADE/,
    )
    await sh(`ip route add ${route}`)
    await upToDate()
  })

  test('looks but does not mend while suspended', async () => {
    expect((await host.nsctl(['watch', 'suspend', 'web'])).stdout).toMatch(/^Repairs of web are suspended/)
    await watching.line(inState('suspended'))
    await watching.after(
      () => sh('ip link del v1'),
      ({ msg }) => msg === 'web: drift',
    )
    expect(await statusOf('web')).toMatchObject({
      sync: 'drifted',
      suspended: { by: expect.any(String) },
      watcher: { state: 'suspended' },
    })
    await watching.after(() => host.nsctl(['watch', 'resume', 'web']), converged)
    await upToDate()
  })

  test('leaves an apply that waits for confirmation alone', async () => {
    await host.write('/run/other/web.yaml', WEB.replace('6000', '6001'))
    const told = await watching.after(
      () => host.nsctl(['apply', '/run/other/web.yaml', '--confirm', '10m']),
      inState('pending'),
    )
    expect(told.problems?.join()).toMatch(/waits for confirmation until/)
    await watching.after(() => host.nsctl(['rollback', 'web']), inState('converged'))
    await upToDate()
  })

  test('is the only one', async () => {
    expect(await host.nsctl(['watch', FILE])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/web is watched already: by pid \d+/),
    })
  })

  test('serves metrics and health', async () => {
    const { port } = await watching.line(({ msg }) => msg === 'serving metrics')
    const get = async (path: string) => {
      const script = `fetch('http://127.0.0.1:${port}${path}').then(async got => console.log(got.status, await got.text()))`
      return (await host.run(process.execPath, ['-e', script])).stdout
    }
    expect(await get('/healthz')).toBe('200 ok\n\n')
    expect(await get('/readyz')).toBe('200 ok\n\n')
    const metrics = await get('/metrics')
    expect(metrics).toContain('nsctl_topology_in_sync{topology="web"} 1')
    expect(metrics).toContain('nsctl_topology_state{topology="web",state="converged"} 1')
    expect(metrics).toContain('nsctl_objects{topology="web",kind="namespace"} 3')
    expect(metrics).toMatch(/nsctl_drift_repaired_total\{topology="web",kind="veth"\} [1-9]/)
    expect(metrics).toMatch(/nsctl_repair_duration_seconds_count\{topology="web",outcome="repaired"\} [1-9]/)
  })
})

describe('a watcher’s end', () => {
  afterEach(async () => void (await host.nsctl(['destroy', '--all', '--yes'])))

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: exit code 0, and the topology stays', async signal => {
    const before = await picture(host)
    await applyText(host, WEB)
    const applied = await picture(host)
    watching = await startWatch(host, ['/run/topologies/web.yaml'])
    await watching.after(() => sh('ip link del v1'), converged)
    expect(await watching.end(signal)).toMatchObject({ exitCode: 0, stdout: '' })
    expect(lastingDifference(applied, await picture(host)).filter(line => !/fe80::/.test(line))).toEqual([])
    expect((await sh('ls /run/nsctl; pgrep -l monitor || true')).stdout).toBe('applied\nclaims.json\nlock\n')
    await destroy(host, ['web'])
    expect(lastingDifference(before, await picture(host))).toEqual([])
  })

  test('SIGTERM in the midst of a repair: the command in hand is finished, what was begun is taken back', async () => {
    const before = await picture(host)
    await host.write(FILE, WEB)
    const tools = await standIns(host)
    await tools.nsctl(['apply', FILE, '--yes'])
    const restore = (await tools.calls()).find(({ key }) => key.startsWith('iptables-nft-restore')) as Call
    await destroy(host, ['web'])

    const started = await tools.start(['watch', FILE], { at: restore, unit: 1, act: 'wait' })
    await tools.waiting()
    started.kill('SIGTERM')
    await tools.go()
    expect(await started.ended).toMatchObject({ exitCode: 0, stdout: '' })
    expect(lastingDifference(before, await picture(host))).toEqual([])
  })

  test('SIGKILL: nothing it had started lives on, and the next one goes on', async () => {
    await host.write(FILE, WEB)
    watching = await startWatch(host, [FILE])
    await watching.line(converged)
    await watching.end('SIGKILL')
    await sh('while pgrep monitor; do sleep 0.05; done')
    expect(await statusOf('web')).toMatchObject({ health: 'degraded', watcher: { alive: false } })
    await sh('ip link del v1')
    watching = await startWatch(host, [FILE])
    await watching.line(converged)
    expect(await statusOf('web')).toMatchObject({ watcher: { alive: true } })
    await upToDate()
    await watching.end()
  })
})

describe('a watcher that listens', () => {
  const flush = () => sh('iptables -t nat -F NSCTL-web-DST')
  beforeAll(() => host.write(FILE, WEB))
  afterEach(async () => {
    await watching.end()
    await sh('ip6tables -F INPUT')
    await destroy(host, ['web'])
  })

  test('hears of rules after somebody added one of IPv6 and TCP, which xtables-monitor 1.8.9 ends at', async () => {
    watching = await startWatch(host, [FILE])
    await watching.line(converged)
    await sh('ip6tables -A INPUT -p tcp --dport 80 -j ACCEPT')
    for (const _ of [1, 2]) await watching.after(flush, converged)
    expect(watching.log().filter(({ msg }) => /listening/.test(msg))).toEqual([])
  })

  test('hears of them without netlink as well, and goes on when what it listens with ends', async () => {
    watching = await startWatch(host, [FILE, '--reader', 'ip'])
    await watching.line(converged)
    await sh('ip6tables -A INPUT -p tcp --dport 80 -j ACCEPT')
    await watching.after(flush, converged)
    for (const tool of ['nft', 'ip']) {
      const from = watching.log().length
      await watching.after(
        () => sh(`kill $(pgrep -x ${tool})`),
        ({ msg }) => /^not listening/.test(msg),
      )
      await watching.after(() => sh('ip link del v1; iptables -t nat -F NSCTL-web-DST'), converged)
      await watching.line(({ msg }) => msg === 'listening to the kernel again', from)
    }
    await upToDate()
  })

  test('has all rules in place again soon after a firewall was reloaded five times', async () => {
    watching = await startWatch(host, [FILE])
    await watching.line(converged)
    const reload = () =>
      sh('printf "*filter\\nCOMMIT\\n*nat\\nCOMMIT\\n*mangle\\nCOMMIT\\n*raw\\nCOMMIT\\n" | iptables-restore')
    for (const _ of [1, 2, 3, 4, 5]) await watching.after(reload, converged)
    await upToDate()
    const [last] = watching.log().filter(inState('fighting')).slice(-1)
    expect(last?.problems?.join()).toMatch(/was mended \d times in a row/)
  })
})

test('a watcher hears of rules of the legacy variant, and waits for who holds the lock', async () => {
  await host.write(FILE, WEB)
  watching = await startWatch(host, [FILE, '--iptables', 'legacy'])
  await watching.line(converged)
  const holder = await host.start(
    'flock',
    ['--no-fork', '/run/nsctl/lock', 'sh', '-c', 'echo held; exec sleep 1000'],
    { ready: /held/ },
  )
  await watching.after(
    () => sh('iptables-legacy -t nat -F NSCTL-web-DST'),
    ({ msg }) => msg === 'waiting for the lock',
  )
  const from = watching.log().length
  await holder.stop()
  await watching.line(converged, from)
  await upToDate(FILE, '--iptables', 'legacy')
  await watching.end()
  await destroy(host, ['web', '--iptables', 'legacy'])
})

describe('a watcher of a directory', () => {
  const small = (name: string, octet: number) =>
    `name: ${name}\nsubnets: { s: 10.9.${octet}.0/24 }\nnamespaces: { ${name}: {} }\nveths: [{ subnet: s, ends: [host, ${name}] }]\n`

  test('mends all, keeps what a wrong file had, and destroys only what is taken out', async () => {
    const directory = '/run/several'
    for (const [name, octet] of [
      ['one', 1],
      ['two', 2],
      ['three', 3],
    ] as const)
      await host.write(`${directory}/${name}.yaml`, small(name, octet))
    watching = await startWatch(host, [directory, '--prune'])
    for (const name of ['one', 'two', 'three'])
      await watching.line(line => converged(line) && line.topology === name)

    const clash = await watching.after(
      () => host.write(`${directory}/two.yaml`, small('two', 1)),
      line => line.topology === 'two' && line.state === 'stale',
    )
    expect(clash.problems?.join()).toMatch(/two\.yaml.*10\.9\.1\.0\/24/)
    await watching.after(
      () => sh('ip link del two-eth0'),
      line => converged(line) && line.topology === 'two',
    )
    await host.write(`${directory}/two.yaml`, small('two', 2))
    await watching.line(line => line.topology === 'two' && line.state === 'converged')

    await watching.after(
      () => sh(`rm ${directory}/one.yaml`),
      line => converged(line) && line.topology === 'one',
    )
    expect((await sh('ip netns list | cut -d" " -f1 | sort')).stdout).toBe('outside\nthree\ntwo\n')
    const empty = await watching.after(() => sh(`rm ${directory}/*.yaml`), inState('stale'))
    expect(empty.problems?.join()).toMatch(/no topology file in it/)
    await watching.end()
    expect((await sh('ip netns list | cut -d" " -f1 | sort')).stdout).toBe('outside\nthree\ntwo\n')
    await destroy(host, ['--all'])
  })
})
