import type { ListOptions } from '../../../commands/inspect/list.ts'
import type { Definition } from '../../definition.ts'
import { detailedExitcode, format, iptables, reader } from '../../options.ts'

export const listCommand: Definition<[], ListOptions> = {
  name: 'list',
  summary: 'topologies on this host',
  description: 'Lists the topologies on this host, and whether each is as it was last applied.',
  options: [format('text', 'json'), detailedExitcode('if one has drifted'), iptables(), reader()],
  examples: ['nsctl list', 'nsctl list --format json'],
  run: async (_, options, context) =>
    (await import('../../../commands/inspect/list.ts')).list(options, context),
}
