import { expect, test } from 'vitest'
import { writerIn } from '../../../src/kernel/events/kernel-events.ts'

test('who wrote rules is in the line that ends a change; a name may hold anything', () => {
  expect(writerIn('NEWGEN: GENID=5 PID=31152 NAME=iptables')).toMatchObject({ pid: 31152, name: 'iptables' })
  expect(writerIn('NEWGEN: GENID=5 PID=7 NAME=a b=c')).toMatchObject({ pid: 7, name: 'a b=c' })
  expect(writerIn('# new generation 3 by process 15645 (ip6tables)')).toMatchObject({
    ...{ pid: 15645, name: 'ip6tables' },
  })
  expect(writerIn(' EVENT: -4 -t filter -A INPUT -m comment --comment "PID=1 NAME=x" -j ACCEPT')).toBeNull()
})
