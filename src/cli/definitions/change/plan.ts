import { Option } from 'commander'
import type { PlanOptions } from '../../../commands/change/plan.ts'
import type { Definition } from '../../definition.ts'
import { accept, detailedExitcode, format, iptables, reader } from '../../options.ts'

export const planCommand: Definition<[file: string], PlanOptions> = {
  name: 'plan <file>',
  summary: 'show what apply would do, and why',
  description:
    'Shows what apply would do and why, for a file or a directory of files. Reads the live host, changes nothing.',
  options: [
    new Option('--destroy', 'the plan of nsctl destroy').default(false),
    new Option('--out <plan>', 'save it as well: nsctl apply PLAN does exactly this, or nothing'),
    new Option('--live <snapshot>', 'plan against what nsctl snapshot printed, on any machine'),
    new Option('--flows', 'also tell which flows of the file it opens, closes or leads elsewhere').default(
      false,
    ),
    format('text', 'json', 'markdown', 'commands'),
    detailedExitcode('if there are changes'),
    accept(),
    iptables(),
    reader(),
  ],
  examples: [
    'nsctl plan web.yaml',
    'nsctl plan web.yaml --format commands    what would be sent to ip and iptables-restore',
    'nsctl plan web.yaml --live snapshot.json  for another host, without privileges',
    'nsctl plan web.yaml --detailed-exitcode  for scripts: 0 up to date, 2 changes',
  ],
  run: async ([file], options, context) =>
    (await import('../../../commands/change/plan.ts')).plan(file, options, context),
}
