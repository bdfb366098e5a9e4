import type { VerifyOptions } from '../../../commands/packets/verify.ts'
import type { Definition } from '../../definition.ts'
import { format, iptables, reader } from '../../options.ts'

export const verifyCommand: Definition<[file: string], VerifyOptions> = {
  name: 'verify <file>',
  summary: 'try what the file expects, with real packets',
  description:
    'Sends real packets for every expectation of the file, from inside the namespaces, and says which hold. What comes from outside cannot be sent from here: that is judged as explain does.',
  options: [format('text', 'json', 'junit'), iptables(), reader()],
  examples: ['nsctl verify web.yaml', 'nsctl verify web.yaml --format junit > expectations.xml'],
  run: async ([file], options, context) =>
    (await import('../../../commands/packets/verify.ts')).verify(file, options, context),
}
