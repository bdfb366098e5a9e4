import { Option } from 'commander'
import type { ImportOptions } from '../../../commands/files/import.ts'
import type { Definition } from '../../definition.ts'
import { iptables, reader } from '../../options.ts'

export const importCommand: Definition<[], ImportOptions> = {
  name: 'import',
  summary: 'a topology file from what exists',
  description:
    'Prints a topology file of the namespaces, veth pairs, addresses, routes, masquerading and published ports that somebody made by hand or with another tool. Its plan makes, replaces and deletes none of them. What belongs to a topology is left out; what a topology cannot say is listed in comments.',
  options: [
    new Option('--name <name>', 'the name of the topology').default('imported'),
    new Option('--uplink <interface>', 'an interface that leads outside; may be repeated')
      .argParser((value: string, all: string[]) => [...all, value])
      .default([], 'those with a default route'),
    iptables(),
    reader(),
  ],
  examples: ['nsctl import > web.yaml', 'nsctl import --name web --uplink ens5 > web.yaml'],
  run: async (_, options, context) =>
    (await import('../../../commands/files/import.ts')).importHost(options, context),
}
