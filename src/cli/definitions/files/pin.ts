import type { ReaderOptions } from '../../../commands/context.ts'
import type { Definition } from '../../definition.ts'
import { iptables, reader } from '../../options.ts'

export const pinCommand: Definition<[file: string], ReaderOptions> = {
  name: 'pin <file>',
  summary: 'write chosen addresses and names into a file',
  description:
    'Writes the addresses and interface names that were chosen automatically into the file. Comments and layout stay.',
  options: [iptables(), reader()],
  examples: ['nsctl pin web.yaml'],
  run: async ([file], options, context) =>
    (await import('../../../commands/files/pin.ts')).pin(file, options, context),
}
