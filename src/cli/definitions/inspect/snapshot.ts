import type { ReaderOptions } from '../../../commands/context.ts'
import type { Definition } from '../../definition.ts'
import { iptables, reader } from '../../options.ts'

export const snapshotCommand: Definition<[], ReaderOptions> = {
  name: 'snapshot',
  summary: 'the live state as JSON',
  description: 'Prints the live state as one JSON document: everything that a plan may rest on.',
  options: [iptables(), reader()],
  examples: ['nsctl snapshot > snapshot.json'],
  run: async (_, options, context) =>
    (await import('../../../commands/inspect/snapshot.ts')).snapshot(options, context),
}
