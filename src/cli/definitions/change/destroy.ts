import { Option } from 'commander'
import type { DestroyCommandOptions } from '../../../commands/change/destroy.ts'
import type { Definition } from '../../definition.ts'
import { iptables, lockTimeout, reader, yes } from '../../options.ts'

export const destroyCommand: Definition<[target?: string], DestroyCommandOptions> = {
  name: 'destroy [topology]',
  summary: 'remove everything a topology owns',
  description:
    'Removes everything a topology owns and nothing else. Takes its name, or its file, of which only the name is read; neither is needed when there is one topology on the host.',
  options: [
    new Option('--all', 'every topology on this host').default(false),
    yes(),
    lockTimeout(),
    iptables(),
    reader(),
  ],
  examples: ['nsctl destroy', 'nsctl destroy web --yes', 'nsctl destroy ./web.yaml'],
  run: async ([target], options, context) =>
    (await import('../../../commands/change/destroy.ts')).destroy(target, options, context),
}
