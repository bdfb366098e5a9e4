import type { Definition } from '../../definition.ts'

export const rehearseInitCommand: Definition = {
  name: 'rehearse-init',
  summary: '',
  description: 'The inner half of apply --rehearse.',
  hidden: true,
  run: async (_values, _options, context) =>
    (await import('../../../commands/change/rehearse.ts')).rehearseInit(context),
}
