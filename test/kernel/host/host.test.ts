import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from './host.ts'
import { machine, processesIn, readSpace } from './leftovers.ts'
import { briefly } from './patience.ts'

describe('a private host', () => {
  let host: Host
  beforeAll(async () => {
    host = await createHost()
  })
  afterAll(() => host.dispose())

  test('reaches the outside, and is reached by a client there, over both families and protocols', async () => {
    await host.serve({ name: 'far', namespace: 'outside', tcp: [80], udp: [53] })
    await host.serve({ name: 'near', tcp: [8080], udp: [5353] })
    const results = await host.probe(
      ([0, 1] as const).flatMap(family => [
        { from: 'host', address: OUTSIDE.client[family], port: 80 },
        { from: 'host', address: OUTSIDE.client[family], port: 53, protocol: 'udp' as const },
        {
          from: 'outside',
          address: OUTSIDE.host[family],
          port: 8080,
          source: OUTSIDE.client[family],
        },
        {
          from: 'outside',
          address: OUTSIDE.host[family],
          port: 5353,
          source: OUTSIDE.client[family],
          protocol: 'udp' as const,
        },
      ]),
    )
    expect(results.map(({ name, client }) => `${name} ${client}`)).toEqual(
      ([0, 1] as const).flatMap(family => [
        `far ${OUTSIDE.host[family]}`,
        `far ${OUTSIDE.host[family]}`,
        `near ${OUTSIDE.client[family]}`,
        `near ${OUTSIDE.client[family]}`,
      ]),
    )
  })

  test('tells a refusal from silence', async () => {
    const results = await host.probe([
      { from: 'outside', address: OUTSIDE.host[0], port: 9 },
      { from: 'outside', address: '203.0.113.77', port: 9, timeout: briefly() },
    ])
    expect(results.map(({ error }) => error)).toEqual(['ECONNREFUSED', 'timeout'])
  })

  test('is no router to begin with', async () => {
    expect((await host.read('/proc/sys/net/ipv4/ip_forward')).trim()).toBe('0')
    expect((await host.read('/proc/sys/net/ipv6/conf/all/forwarding')).trim()).toBe('0')
  })

  test('has an /etc and a /run of its own', async () => {
    const before = machine()
    await host.write('/etc/netns/web/resolv.conf', 'nameserver 192.0.2.53\n')
    await host.run('ip', ['netns', 'add', 'web'])
    expect((await host.in('web', 'cat', ['/etc/resolv.conf'])).stdout).toBe('nameserver 192.0.2.53\n')
    expect(machine()).toEqual(before)
  })

  test('runs iptables of both variants and families', async () => {
    for (const tool of ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy']) {
      await host.run(tool, ['-A', 'INPUT', '-i', 'lo', '-j', 'ACCEPT'])
      expect((await host.run(tool, ['-S', 'INPUT'])).stdout).toContain('-A INPUT -i lo -j ACCEPT')
    }
  })

  test('signals reach the tool itself', async () => {
    const sleeper = await host.start('sleep', ['600'])
    sleeper.kill('SIGTERM')
    expect((await sleeper.ended).exitCode).toBe(143)
  })

  test('buries orphans', async () => {
    await host.run('sh', ['-c', 'true & exec setsid --fork true'])
    expect((await host.run('ps', ['-e', '-o', 'stat='])).stdout).not.toContain('Z')
  })
})

test('dispose leaves no process, and so no mount and no namespace', async () => {
  const before = machine()
  const host = await createHost()
  await host.serve({ name: 'web', tcp: [80] })
  await host.start('setsid', ['--fork', 'sleep', '600'])
  const spaces = ['net', 'mnt', 'pid_for_children'].map(kind => readSpace(host.pid, kind))
  expect(processesIn(spaces)).not.toEqual([])
  await host.dispose()
  expect(processesIn(spaces)).toEqual([])
  expect(machine()).toEqual(before)
})
