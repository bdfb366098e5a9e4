import type { DoctorOptions } from '../../../commands/inspect/doctor.ts'
import type { Definition } from '../../definition.ts'
import { format, iptables, reader } from '../../options.ts'

export const doctorCommand: Definition<[], DoctorOptions> = {
  name: 'doctor',
  summary: 'what on this host will get in the way',
  description:
    'Looks at the tools, the kernel, the firewall, other programs that manage the network, the topologies, and what interrupted runs have left. Says of each finding what follows from it and what to do. Changes nothing. Exit code 2 if there is a problem; notes do not count.',
  options: [format('text', 'json'), iptables(), reader()],
  examples: ['nsctl doctor', 'nsctl doctor --format json'],
  run: async (_, options, context) =>
    (await import('../../../commands/inspect/doctor.ts')).doctor(options, context),
}
