import { expect, test } from 'vitest'
import { printedSteps } from '../../../../src/model/command/printed.ts'
import type { Step } from '../../../../src/model/plan/plan.ts'

/** Saved plans are compared with plans made later, maybe by a later nsctl. */
test('in a saved plan, commands of tools are the arguments and lines that the tools are given', () => {
  const steps: Step[] = [
    {
      stage: 'configure',
      commands: [
        {
          tool: 'ip',
          namespace: 'web',
          op: 'link-set',
          dev: 'lo',
          group: 7,
          alias: 'nsctl:web',
          state: 'up',
        },
        {
          ...{ tool: 'ip', namespace: 'web', op: 'rule-add', family: 'ipv6', table: 7, priority: 9 },
          ...{ selector: { from: '2001:db8::/64' }, protocol: 110 },
        },
        {
          ...{ tool: 'ip', namespace: 'web', op: 'rule-delete', family: 'ipv4', table: 7, priority: 9 },
          ...{ selector: { fwmark: '0x1/0xff' }, protocol: 110 },
        },
        { tool: 'tc', namespace: 'web', op: 'qdisc-delete', dev: 'eth0' },
        {
          ...{ tool: 'iptables-restore', family: 'ipv4', variant: 'nft', table: 'filter' },
          lines: [
            { op: 'declare', chain: 'NSCTL-web-IN', policy: null },
            { op: 'append', chain: 'NSCTL-web-IN', rule: '-j DROP' },
            { op: 'insert', chain: 'INPUT', rule: '-j NSCTL-web-IN' },
            { op: 'delete', chain: 'INPUT', rule: '-j NSCTL-web-IN' },
            { op: 'delete-chain', chain: 'NSCTL-web-IN' },
          ],
        },
        { tool: 'sysctl', namespace: 'web', key: 'net/ipv4/ip_forward', value: '1' },
      ],
      changes: ['a', 'b', 'c', 'd', 'e', 'f'],
    },
  ]
  expect(printedSteps(steps)).toEqual([
    {
      stage: 'configure',
      commands: [
        {
          tool: 'ip',
          namespace: 'web',
          args: ['link', 'set', 'dev', 'lo', 'group', '7', 'alias', 'nsctl:web', 'up'],
        },
        {
          ...{ tool: 'ip', namespace: 'web', family: 'ipv6' },
          args: 'rule add from 2001:db8::/64 lookup 7 priority 9 protocol 110'.split(' '),
        },
        {
          ...{ tool: 'ip', namespace: 'web' },
          args: 'rule del fwmark 0x1/0xff lookup 7 priority 9 protocol 110'.split(' '),
        },
        { tool: 'tc', namespace: 'web', args: ['qdisc', 'del', 'dev', 'eth0', 'root'] },
        {
          ...{ tool: 'iptables-restore', family: 'ipv4', variant: 'nft', table: 'filter' },
          lines: [
            ':NSCTL-web-IN - [0:0]',
            '-A NSCTL-web-IN -j DROP',
            '-I INPUT 1 -j NSCTL-web-IN',
            '-D INPUT -j NSCTL-web-IN',
            '-X NSCTL-web-IN',
          ],
        },
        { tool: 'sysctl', namespace: 'web', key: 'net/ipv4/ip_forward', value: '1' },
      ],
      changes: ['a', 'b', 'c', 'd', 'e', 'f'],
    },
  ])
})
