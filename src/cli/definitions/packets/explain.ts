import { Option } from 'commander'
import type { ExplainOptions, explain } from '../../../commands/packets/explain.ts'
import type { Definition } from '../../definition.ts'
import { format, iptables, reader } from '../../options.ts'

type Protocol = Parameters<typeof explain>[0]

export const explainCommand: Definition<[protocol: Protocol, from: string, to: string], ExplainOptions> = {
  name: 'explain <protocol> <from> <to>',
  summary: 'what happens to a packet, and why',
  description:
    'Walks the first packet of a flow through the live host and its answer back: every rule it meets with whose it is, routes, links, the listener. Ends in a verdict and what to do. PROTOCOL: tcp, udp, sctp or icmp. FROM: a namespace, host, or outside. TO: NAMESPACE:PORT, host:PORT or ADDRESS:PORT; without port for icmp. Sends nothing, changes nothing.',
  choices: { protocol: ['tcp', 'udp', 'sctp', 'icmp'] },
  options: [
    new Option('--uplink <interface>', 'with outside: where the packet comes in; default: the default route'),
    new Option('--source <address>', 'whence it comes'),
    new Option('--family <family>', 'one of them alone; default: each that both ends have').choices([
      'ipv4',
      'ipv6',
    ]),
    format('text', 'json'),
    iptables(),
    reader(),
  ],
  examples: [
    'nsctl explain tcp outside host:6000',
    'nsctl explain udp netns1 1.1.1.1:53',
    'nsctl explain icmp netns1 netns2',
    'nsctl explain tcp outside host:6000 --source 192.0.2.7 --uplink ens5',
  ],
  run: async ([protocol, from, to], options, context) =>
    (await import('../../../commands/packets/explain.ts')).explain(protocol, from, to, options, context),
}
