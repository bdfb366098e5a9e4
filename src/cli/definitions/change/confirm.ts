import type { ConfirmOptions } from '../../../commands/change/confirm.ts'
import type { Definition } from '../../definition.ts'
import { lockTimeout } from '../../options.ts'

export const confirmCommand: Definition<[target?: string], ConfirmOptions> = {
  name: 'confirm [topology]',
  summary: 'keep an apply that waits for confirmation',
  description:
    'Keeps an apply --confirm. Takes its name, or its file; neither is needed when only one waits.',
  options: [lockTimeout()],
  examples: ['nsctl confirm', 'nsctl confirm web'],
  run: async ([target], options, context) =>
    (await import('../../../commands/change/confirm.ts')).confirm(target, options, context),
}

export const rollbackCommand: Definition<[target?: string], ConfirmOptions> = {
  name: 'rollback [topology]',
  summary: 'take such an apply back now',
  description:
    'Takes back, now, an apply that waits for confirmation, or one that was cut off before its end: the topology is as it was before.',
  options: [lockTimeout()],
  examples: ['nsctl rollback', 'nsctl rollback web'],
  run: async ([target], options, context) =>
    (await import('../../../commands/change/confirm.ts')).rollback(target, options, context),
}

export const revertCommand: Definition<[topology: string, startedAt: string]> = {
  name: 'revert <topology> <started-at>',
  summary: '',
  description: 'The process that takes an apply back when its time is over.',
  hidden: true,
  run: async ([topology, startedAt], _, context) =>
    (await import('../../../commands/change/confirm.ts')).revert(topology, startedAt, context),
}
