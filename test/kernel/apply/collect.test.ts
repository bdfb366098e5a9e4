import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../../../src/model/command/command.ts'
import type { RestoreLine } from '../../../src/model/command/iptables.ts'
import type { Batch } from '../../../src/model/plan/plan.ts'
import { batchesOf } from '../../../src/planner/steps/batches.ts'
import { createHost, type Host } from '../host/host.ts'
import { applyPhases } from './phases.ts'

let host: Host
beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host.dispose())

const sh = async (script: string) => (await host.run('sh', ['-ec', script])).stdout.trim()

/** In one phase each, as a replay has them. */
const collect = (...commands: Command[]) => applyPhases(host, { phases: [batchesOf(commands)], reader: 'ip' })

const bridge = (name: string): Command => ({
  ...{ tool: 'ip', namespace: 'host', op: 'link-add', type: 'bridge' },
  link: { name },
})

const restored = (variant: 'nft' | 'legacy', ...lines: RestoreLine[]): Command => ({
  ...{ tool: 'iptables-restore', family: 'ipv4', variant, table: 'filter' },
  lines,
})

const append = (rule: string): RestoreLine => ({ op: 'append', chain: 'INPUT', rule })

describe('of three commands of which the second fails, the first and the third have their effect', () => {
  test('of ip', async () => {
    expect(
      await collect(
        bridge('one'),
        { tool: 'ip', namespace: 'host', op: 'link-delete', dev: 'nosuch' },
        bridge('three'),
      ),
    ).toEqual(['ip link del dev nosuch: Cannot find device "nosuch"'])
    expect(await sh('ls /sys/class/net | grep -xE "one|three"')).toBe('one\nthree')
  })

  test('of ip, where the second is no line of a batch', async () => {
    const put = (dev: string, alias: string): Command => ({
      ...{ tool: 'ip', namespace: 'host', op: 'link-set' },
      dev,
      alias,
    })
    await sh('ip link add a0 type veth peer name a1')
    expect(await collect(put('a0', 'first'), put('nosuch', 'a b'), put('a1', "the 'third'"))).toEqual([
      'ip link set dev nosuch alias a b: Cannot find device "nosuch"',
    ])
    expect(await sh('cat /sys/class/net/a0/ifalias /sys/class/net/a1/ifalias')).toBe("first\nthe 'third'")
  })

  test('of ip in several namespaces', async () => {
    await sh('ip netns add n1; ip netns add n2; ip netns add n3')
    const route = (namespace: string, via: string): Command => ({
      ...{ tool: 'ip', namespace, op: 'route-add', type: 'unicast', to: '10.0.0.0/8' },
      ...{ via, dev: null, table: 254, metric: 0, protocol: 4 },
    })
    const up = (namespace: string): Command => ({
      ...{ tool: 'ip', namespace, op: 'link-set', dev: 'lo', state: 'up' },
    })
    expect(
      await collect(up('n1'), up('n2'), route('n2', '192.0.2.1'), up('n3'), {
        ...{ tool: 'ip', namespace: 'n2', op: 'address-add', address: '10.1.0.1/24', dev: 'lo' },
        scope: 'global',
      }),
    ).toEqual(['ip -n n2 route add 10.0.0.0/8 via 192.0.2.1 proto 4: Error: Nexthop has invalid gateway.'])
    for (const name of ['n1', 'n2', 'n3'])
      expect(await sh(`ip -n ${name} -br link show lo up`)).toContain('lo')
    expect(await sh('ip -n n2 -br addr show to 10.1.0.1')).toContain('10.1.0.1/24')
  })

  test('of tc', async () => {
    await sh('ip link add q0 type veth peer name q1')
    const shape = (dev: string): Command => ({
      ...{ tool: 'tc', namespace: 'host', op: 'qdisc-replace', dev },
      ...{ rate: 1_000_000, burst: 65_550, latency: 50 },
    })
    expect(await collect(shape('q0'), shape('nosuch'), shape('q1'))).toEqual([
      'tc qdisc replace dev nosuch root tbf rate 1000000bit burst 65550b latency 50ms: Cannot find device "nosuch"',
    ])
    expect(await sh('tc qdisc show | grep -c "tbf.*rate 1Mbit"')).toBe('2')
  })

  test.each(['nft', 'legacy'] as const)('of iptables-%s-restore', async variant => {
    const failures = await collect(
      restored(
        variant,
        append('-s 10.0.0.1/32 -j ACCEPT'),
        append('-m nosuch -j ACCEPT'),
        append('-s 10.0.0.3/32 -j ACCEPT'),
      ),
    )
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(
      new RegExp(`^iptables-${variant}-restore: -A INPUT -m nosuch -j ACCEPT: .*Couldn't load match`),
    )
    expect(await sh(`iptables-${variant}-save -t filter | grep -e '-A INPUT'`)).toBe(
      '-A INPUT -s 10.0.0.1/32 -j ACCEPT\n-A INPUT -s 10.0.0.3/32 -j ACCEPT',
    )
  })

  test('of iptables-restore, in one of several tables', async () => {
    const nat: Command = {
      ...{ tool: 'iptables-restore', family: 'ipv6', variant: 'nft', table: 'nat' },
      lines: [{ op: 'append', chain: 'POSTROUTING', rule: '-o ens5 -j MASQUERADE' }],
    }
    const filter: Command = { ...restored('nft', append('-m nosuch -j ACCEPT')), family: 'ipv6' } as Command
    expect(await collect(nat, filter)).toHaveLength(1)
    // Sent once: a rule of a table that is in force already is not appended again.
    expect(await sh('ip6tables-nft-save -t nat | grep -e "-A POST"')).toBe(
      '-A POSTROUTING -o ens5 -j MASQUERADE',
    )
  })

  test.each(['host', 'n9'])('of sysctl in %s', async namespace => {
    if (namespace !== 'host') await sh(`ip netns add ${namespace}`)
    const set = (key: string, value: string): Command => ({ tool: 'sysctl', namespace, key, value })
    const failures = await collect(
      set('net/ipv4/conf/lo/rp_filter', '2'),
      set('net/ipv4/conf/lo/nosuch', '1'),
      set('net/ipv4/conf/lo/forwarding', '1'),
    )
    expect(failures).toHaveLength(1)
    expect(failures[0]).toContain('net/ipv4/conf/lo/nosuch')
    const read = 'cd /proc/sys/net/ipv4/conf/lo; cat rp_filter forwarding'
    const enter = namespace === 'host' ? '' : `ip netns exec ${namespace} `
    expect(await sh(`${enter}sh -c '${read}'`)).toBe('2\n1')
  })

  test('of files', async () => {
    const write = (name: string): Command => ({
      ...{ tool: 'write', path: `/etc/netns/${name}/resolv.conf`, content: `# ${name}\n` },
    })
    await sh('mkdir -p /etc/netns/one /etc/netns/three')
    const failures = await collect(write('one'), write('two'), write('three'))
    expect(failures).toHaveLength(1)
    expect(failures[0]).toContain('/etc/netns/two')
    expect(await sh('cat /etc/netns/*/resolv.conf')).toBe('# one\n# three')
  })
})

test('batches of one phase are applied all, whichever of them fail', async () => {
  const phases: Batch[][] = [
    batchesOf([
      { tool: 'mkdir', path: '/nosuch/below/it' },
      { tool: 'ip', namespace: 'nosuch', op: 'link-set', dev: 'lo', state: 'up' },
      bridge('last'),
    ]),
    batchesOf([{ tool: 'ip', namespace: 'host', op: 'link-set', dev: 'last', state: 'up' }]),
  ]
  expect(await applyPhases(host, { phases, reader: 'ip' })).toHaveLength(2)
  expect(await sh('ip -br link show last up')).toContain('last')
})
