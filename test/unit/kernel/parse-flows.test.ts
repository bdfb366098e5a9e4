import { expect, test } from 'vitest'
import { isMeant, parseFlows } from '../../../src/kernel/write/conntrack-list.ts'

const LIST = `tcp      6 431999 ESTABLISHED src=203.0.113.1 dst=203.0.113.10 sport=40000 dport=6000 src=192.168.0.2 dst=203.0.113.1 sport=8080 dport=40000 [ASSURED] mark=0 use=1
udp      17 28 src=192.168.0.2 dst=9.9.9.9 sport=5353 dport=53 [UNREPLIED] src=9.9.9.9 dst=203.0.113.10 sport=53 dport=5353 mark=0 use=1
icmp     1 29 src=192.168.0.2 dst=203.0.113.1 type=8 code=0 id=7 src=203.0.113.1 dst=203.0.113.10 type=0 code=0 id=7 mark=0 use=1
`

const meant = (match: Record<string, string>) =>
  parseFlows(LIST)
    .filter(flow => isMeant({ tool: 'conntrack', family: 'ipv4', match, destination: null }, flow))
    .map(({ protonum }) => protonum)

test('a published port’s flow, by the address it was translated to', () => {
  const match = {
    protonum: 'tcp',
    'orig-port-dst': '6000',
    'reply-src': '192.168.0.2',
    'reply-port-src': '8080',
  }
  expect(meant(match)).toEqual(['tcp'])
  expect(meant({ ...match, 'reply-src': '192.168.0.3' })).toEqual([])
  expect(meant({ ...match, 'orig-port-dst': '60' })).toEqual([])
  expect(meant({ ...match, protonum: 'udp' })).toEqual([])
})

test('flows of a network, whatever their protocol', () => {
  expect(meant({ 'orig-src': '192.168.0.0/24' })).toEqual(['udp', 'icmp'])
  expect(meant({ 'orig-src': '192.168.1.0/24' })).toEqual([])
})

test('a protocol by another name may be meant', () => {
  expect(meant({ protonum: 'ipv6-icmp', 'orig-src': '192.168.0.2' })).toEqual(['udp', 'icmp'])
})
