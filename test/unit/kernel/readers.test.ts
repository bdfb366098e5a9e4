import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { limited } from '../../../src/kernel/process/lanes.ts'
import { requirePrivilege } from '../../../src/kernel/process/privilege.ts'
import { readEtcNetns } from '../../../src/kernel/read/etc-netns.ts'
import { parseNftChains, parseVersion } from '../../../src/kernel/read/firewall.ts'
import { GarbledOutput } from '../../../src/kernel/read/json.ts'
import { parseListeners } from '../../../src/kernel/read/listeners.ts'
import { resolverOf } from '../../../src/kernel/read/resolver.ts'
import { fixture } from './fixture.ts'

describe('listeners', () => {
  it('reads addresses of both families, bound to an interface or not, and the process', () => {
    const process = expect.stringMatching(/^a "b" \(c \(pid \d+\)$/)
    expect(parseListeners(fixture('ss.txt'))).toEqual([
      { protocol: 'udp', address: '10.0.0.1', port: 5353, process },
      { protocol: 'tcp', address: '127.0.0.1', port: 8080, process },
      { protocol: 'tcp', address: '::1', port: 8082, process },
      { protocol: 'tcp', address: 'fe80::ff:fe00:3', port: 8083, process },
      { protocol: 'tcp', address: '*', port: 8081, process },
    ])
  })

  it('knows sockets without a visible process, and passes over what is no socket', () => {
    expect(parseListeners('tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* \n\n')).toEqual([
      { protocol: 'tcp', address: '0.0.0.0', port: 22, process: null },
    ])
    expect(parseListeners('sctp LISTEN 0 5 [::]:3868 [::]:*\n')).toMatchObject([
      { protocol: 'sctp', address: '::', port: 3868 },
    ])
    expect(parseListeners('`- ESTAB 0 0 10.0.0.1%lo:5000 10.0.0.2:1\n')).toEqual([])
  })
})

describe('resolver', () => {
  const none = () => ''

  it('takes servers that a namespace can reach', () => {
    const text =
      'search a.example b.example\nnameserver 127.0.0.53\nnameserver 192.0.2.1 # x\nnameserver 2001:db8::1\n'
    expect(resolverOf(text, none)).toEqual({
      nameservers: ['192.0.2.1', '2001:db8::1'],
      search: ['a.example', 'b.example'],
      loopbackResolver: false,
    })
  })

  it('looks behind systemd-resolved', () => {
    const upstream = () => 'nameserver 198.51.100.1\nnameserver fe80::1%eth0\nsearch lan\n'
    expect(resolverOf('nameserver 127.0.0.53\nsearch .\n', upstream)).toEqual({
      nameservers: ['198.51.100.1'],
      search: ['lan'],
      loopbackResolver: true,
    })
  })

  it('takes no server for 127.0.0.1, as resolv.conf(5) says', () => {
    expect(resolverOf('', none)).toEqual({ nameservers: [], search: [], loopbackResolver: true })
  })
})

describe('/etc/netns', () => {
  it('lists directories, and files with their content', () => {
    const root = mkdtempSync(join(tmpdir(), 'etc-netns-'))
    try {
      mkdirSync(join(root, 'netns1', 'deeper'), { recursive: true })
      mkdirSync(join(root, 'empty'))
      writeFileSync(join(root, 'plain'), 'no directory')
      writeFileSync(join(root, 'netns1', 'resolv.conf'), '# nsctl:web\n')
      symlinkSync('/etc', join(root, 'linked'))
      symlinkSync('/etc/hostname', join(root, 'netns1', 'hosts'))
      expect(readEtcNetns(root)).toEqual({
        '/': null,
        'empty/': null,
        'netns1/': null,
        'netns1/deeper/': null,
        'netns1/hosts': '',
        'netns1/resolv.conf': '# nsctl:web\n',
        plain: '',
        linked: '',
      })
    } finally {
      rmSync(root, { recursive: true })
    }
    expect(readEtcNetns(root)).toEqual({})
  })
})

describe('firewall', () => {
  it('reads the variant from iptables -V', () => {
    expect(parseVersion('iptables v1.8.9 (nf_tables)\n')).toEqual({ variant: 'nft', version: '1.8.9' })
    expect(parseVersion('iptables v1.8.9 (legacy)\n')).toEqual({ variant: 'legacy', version: '1.8.9' })
    expect(parseVersion('iptables v1.6.1\n')).toEqual({ variant: 'legacy', version: '1.6.1' })
    expect(() => parseVersion('bash: no\n')).toThrow(GarbledOutput)
    expect(() => parseVersion('iptables v1.8.9')).toThrow(GarbledOutput)
  })

  it('keeps the hooks of tables that are not iptables’ own', () => {
    const chain = (family: string, table: string, name: string, base: object = {}) => ({
      chain: { family, table, name, handle: 1, ...base },
    })
    const forward = { type: 'filter', hook: 'forward', prio: 0 }
    const text = JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        chain('ip', 'filter', 'FORWARD', { ...forward, policy: 'drop' }),
        chain('inet', 'filter', 'forward', { ...forward, policy: 'drop' }),
        chain('inet', 'firewalld', 'filter_FORWARD', forward),
        chain('inet', 'firewalld', 'helper'),
      ],
    })
    expect(parseNftChains(text)).toEqual([
      { family: 'inet', table: 'filter', chain: 'forward', hook: 'forward', policy: 'drop' },
      { family: 'inet', table: 'firewalld', chain: 'filter_FORWARD', hook: 'forward', policy: 'accept' },
    ])
  })
})

describe('privilege', () => {
  it('is what the capabilities say, not the user', () => {
    expect(() => requirePrivilege('Uid:\t1000\nCapEff:\t0000000000201000\n')).not.toThrow()
    expect(() => requirePrivilege('Uid:\t0\nCapEff:\t0000000000001000\n')).toThrow(/nsctl sandbox/)
    expect(() => requirePrivilege('CapEff:\t0000000000000000\n')).toThrow(/needs root \(CAP_NET_ADMIN/)
  })
})

describe('lanes', () => {
  it('never has more commands under way than lanes, and goes on after a failure', async () => {
    let now = 0
    let most = 0
    const run = limited(async tool => {
      most = Math.max(most, ++now)
      await new Promise(resolve => setTimeout(resolve, 2))
      now--
      if (tool === 'bad') throw new Error('bad')
      return { exitCode: 0, stdout: tool, stderr: '' }
    }, 2)
    const results = await Promise.allSettled(['a', 'bad', 'b', 'bad', 'c', 'd'].map(tool => run(tool, [])))
    expect(most).toBe(2)
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
    ])
  })
})
