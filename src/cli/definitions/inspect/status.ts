import type { StatusOptions } from '../../../commands/inspect/status.ts'
import type { Definition } from '../../definition.ts'
import { detailedExitcode, format, iptables, reader } from '../../options.ts'

export const statusCommand: Definition<[target?: string], StatusOptions> = {
  name: 'status [topology]',
  summary: 'what there is of a topology, and whether it works',
  description:
    'Shows the live links and addresses of a topology, its published ports and whether something listens behind them, drift, and the last applies. Takes its name, or its file; neither is needed when there is one topology on the host.',
  options: [
    format('text', 'json'),
    detailedExitcode('if it is not as it was last applied'),
    iptables(),
    reader(),
  ],
  examples: ['nsctl status', 'nsctl status web --format json'],
  run: async ([target], options, context) =>
    (await import('../../../commands/inspect/status.ts')).status(target, options, context),
}
