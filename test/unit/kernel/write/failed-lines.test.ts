import { describe, expect, test } from 'vitest'
import { failedLines } from '../../../../src/kernel/write/failed-lines.ts'

/** What the tools print, as recorded: iproute2 6.1, iptables 1.8.9, procps 4.0.2. */
describe('which lines failed is read', () => {
  test('of ip and tc, each with its reason', () => {
    const stderr = `Error: Nexthop has invalid gateway.
Command failed -:1
RTNETLINK answers: File exists
Command failed -:5
`
    expect(failedLines('ip', stderr, '')).toEqual([
      { line: 0, file: '-', why: 'Error: Nexthop has invalid gateway.' },
      { line: 4, file: '-', why: 'RTNETLINK answers: File exists' },
    ])
    expect(
      failedLines('tc', 'Error: Cannot delete qdisc with handle of zero.\nCommand failed -:1\n', ''),
    ).toEqual([{ line: 0, file: '-', why: 'Error: Cannot delete qdisc with handle of zero.' }])
  })

  test('of several processes of ip, by their files', () => {
    const stderr = `Cannot find device "a"
Command failed /proc/71/fd/20:2
Cannot find device "b"
Command failed /proc/71/fd/22:1
`
    expect(failedLines('ip', stderr, '')).toEqual([
      { line: 1, file: '/proc/71/fd/20', why: 'Cannot find device "a"' },
      { line: 0, file: '/proc/71/fd/22', why: 'Cannot find device "b"' },
    ])
  })

  test('of ip that gives up at an argument: it does not tell the line, nor go on', () => {
    const stderr = `Cannot find device "a"
Command failed -:1
Error: any valid prefix is expected rather than "10.0.0.300/24".
`
    expect(failedLines('ip', stderr, '')).toEqual([
      { line: 0, file: '-', why: 'Cannot find device "a"' },
      {
        line: null,
        file: null,
        why: 'Error: any valid prefix is expected rather than "10.0.0.300/24".',
      },
    ])
  })

  test.each([
    ['iptables-nft-restore: line 4 failed: No chain/target/match by that name.\n', 3],
    ['iptables-restore: line 4 failed\n', 3],
    ['iptables-restore v1.8.9 (nf_tables): \nline 2: RULE_APPEND failed (Invalid argument)\n', 1],
    [
      "iptables-nft-restore v1.8.9 (nf_tables): Couldn't load match `nosuch':No such file or directory\n\nError occurred at line: 4\nTry `iptables-nft-restore -h' or 'iptables-nft-restore --help' for more information.\n",
      3,
    ],
    [
      "iptables-restore v1.8.9 (legacy): unknown option \"--line 9\"\nError occurred at line: 4\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\n",
      3,
    ],
    ['iptables-nft-restore: Could not fetch rule set generation id: Permission denied\n', null],
  ])('of iptables-restore: %j', (stderr, line) => {
    expect(failedLines('iptables-restore', stderr, '')).toMatchObject([{ line }])
  })

  test('of iptables-restore, the reason without the number of a line that nobody has seen', () => {
    const stderr = `iptables-restore v1.8.9 (legacy): Set nosuch doesn't exist.

Error occurred at line: 4
Try \`iptables-restore -h' or 'iptables-restore --help' for more information.
`
    const [failed] = failedLines('iptables-restore', stderr, '')
    expect(failed?.why).toBe("iptables-restore v1.8.9 (legacy): Set nosuch doesn't exist.")
  })

  test('of sysctl, by their keys', () => {
    const input = `net/ipv4/ip_forward_use_pmtu=1
net/ipv4/ip_forward=lots
net/ipv4/conf/all/does_not_exist=1
net/ipv4/conf/eth0.5/rp_filter=many
`
    const stderr = `sysctl: setting key "net.ipv4.ip_forward": Invalid argument
sysctl: cannot stat /proc/sys/net/ipv4/conf/all/does_not_exist: No such file or directory
sysctl: setting key "net.ipv4.conf.eth0/5.rp_filter": Invalid argument
`
    expect(failedLines('sysctl', stderr, input).map(({ line }) => line)).toEqual([1, 2, 3])
  })

  test('the setting that failed is named, where the key of another begins with its key', () => {
    const input = 'net/ipv4/ip_forward=1\nnet/ipv4/ip_forward_use_pmtu=lots\n'
    const stderr = 'sysctl: setting key "net.ipv4.ip_forward_use_pmtu": Invalid argument\n'
    expect(failedLines('sysctl', stderr, input)).toMatchObject([{ line: 1 }])
  })

  test('a tool that says nothing has failed all the same', () => {
    expect(failedLines('ip', '', '')).toEqual([{ line: null, file: null, why: '' }])
  })
})
