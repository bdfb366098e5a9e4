import type { ValidateOptions } from '../../../commands/files/validate.ts'
import type { Definition } from '../../definition.ts'
import { format } from '../../options.ts'

export const validateCommand: Definition<[files: string[]], ValidateOptions> = {
  name: 'validate <file...>',
  summary: 'check topology files',
  description:
    'Checks topology files without touching the kernel. Says every error at once. The files of a directory are also held against each other. Needs no privileges.',
  options: [format('text', 'json', 'github')],
  examples: ['nsctl validate web.yaml', 'nsctl validate --format github hosts/*.yaml'],
  run: async ([files], options, context) =>
    (await import('../../../commands/files/validate.ts')).validate(files, options, {
      write: context.write,
      env: context.environment,
      colors: context.colors.isColorSupported,
    }),
}
