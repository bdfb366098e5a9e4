import { Option } from 'commander'
import type { ApplyCommandOptions } from '../../../commands/context.ts'
import type { Definition } from '../../definition.ts'
import { someTime } from '../../duration.ts'
import { accept, iptables, lockTimeout, reader, yes } from '../../options.ts'

export const applyCommand: Definition<[file: string], ApplyCommandOptions> = {
  name: 'apply <file>',
  summary: 'converge the host to a file',
  description:
    'Plans, converges, reads back and proves that a second plan is empty. A failing step takes back what was done. Takes a topology file, a directory of them, or a plan that plan --out saved.',
  options: [
    yes(),
    accept(),
    new Option('--confirm <duration>', 'take it back unless nsctl confirm comes within that time').argParser(
      someTime,
    ),
    new Option('--no-rollback', 'leave what a failing apply did, and say what is left to do').conflicts(
      'confirm',
    ),
    new Option('--rehearse', 'try it in a throw-away copy of the host first').default(false),
    new Option('--verify', 'take it back when it breaks what the file expects').default(false),
    lockTimeout(),
    iptables(),
    reader(),
  ],
  examples: [
    'nsctl apply web.yaml --confirm 60s    for a change that may cut you off',
    'nsctl apply web.yaml',
    'nsctl apply web.yaml --yes    where nobody can be asked',
  ],
  run: async ([file], options, context) =>
    (await import('../../../commands/change/apply.ts')).apply(file, options, context),
}
