import { Option } from 'commander'
import type { GraphOptions } from '../../../commands/inspect/graph.ts'
import type { Definition } from '../../definition.ts'
import { format, iptables, reader } from '../../options.ts'

export const graphCommand: Definition<[file: string], GraphOptions> = {
  name: 'graph <file>',
  summary: 'draw a topology',
  description:
    'Draws what a file describes: uplinks, subnets, namespaces, addresses, published ports and allowed paths. Without --live it needs neither privileges nor the host.',
  options: [
    format('mermaid', 'dot', 'svg', 'html'),
    new Option('--live', 'mark what differs on this host, and what has passed').default(false),
    iptables(),
    reader(),
  ],
  examples: [
    'nsctl graph web.yaml                        as Mermaid, for a README',
    'nsctl graph web.yaml --format svg > web.svg',
    'nsctl graph web.yaml --live --format html > web.html',
    'nsctl graph web.yaml --format dot | dot -Tpdf > web.pdf',
  ],
  run: async ([file], options, context) =>
    (await import('../../../commands/inspect/graph.ts')).graph(file, options, context),
}
