import type { Definition } from '../../definition.ts'

export const probeCommand: Definition = {
  name: 'probe',
  summary: '',
  description: 'The inner half of verify: sends what it is told, from where it is.',
  hidden: true,
  run: async (_, __, context) => (await import('../../../commands/packets/verify.ts')).probe(context),
}
