import { InvalidArgumentError, Option } from 'commander'
import type { ApplyOptions } from '../commands/apply.ts'
import type { ConfirmOptions } from '../commands/confirm.ts'
import type { Context, HostOptions } from '../commands/context.ts'
import type { DestroyOptions } from '../commands/destroy.ts'
import type { ListOptions } from '../commands/list.ts'
import type { PlanOptions } from '../commands/plan.ts'
import type { StatusOptions } from '../commands/status.ts'
import { escapeLines } from '../model/escape.ts'
import { duration, someTime } from './duration.ts'

/** One command: what its help says, what it takes, and the function that does it. */
export interface Definition {
  /** With its arguments, as commander reads them. */
  name: string
  summary: string
  description: string
  options?: Option[]
  examples?: string[]
  hidden?: boolean
  /** Everything behind the first argument belongs to a command that is run. */
  passThrough?: boolean
  run(values: unknown[], options: object, context: Context): Promise<number>
}

const iptables = () =>
  new Option('--iptables <variant>', 'which iptables to use; auto: what `iptables` stands for')
    .choices(['auto', 'nft', 'legacy'])
    .default('auto')
const yes = () => new Option('--yes', 'go ahead without asking').default(false)
const lockTimeout = () =>
  new Option('--lock-timeout <duration>', 'how long to wait for another nsctl')
    .argParser(duration)
    .default(10, '10s')
const accept = () =>
  new Option('--accept <code:subject>', 'a finding that is known and wanted; may be repeated')
    .argParser(acceptance)
    .default([], 'those that the file accepts')
function acceptance(value: string, all: string[]): string[] {
  if (!/^[a-z][a-z0-9-]*:[\x21-\x7e]{1,200}$/.test(value)) {
    throw new InvalidArgumentError('Write it as CODE:SUBJECT, such as port-held:tcp/6000.')
  }
  return [...all, value]
}

const format = (...choices: string[]) =>
  new Option('--format <format>', 'how to print').choices(choices).default(choices[0])
const detailedExitcode = (what: string) =>
  new Option('--detailed-exitcode', `exit code 2 ${what}`).default(false)

export const COMMANDS: Definition[] = [
  {
    name: 'validate <file...>',
    summary: 'check topology files',
    description:
      'Checks topology files without touching the kernel. Says every error at once. Needs no privileges.',
    options: [format('text', 'json', 'github')],
    examples: ['nsctl validate web.yaml', 'nsctl validate --format github hosts/*.yaml'],
    run: async ([files], options, context) =>
      (await import('../commands/validate.ts')).validate(
        files as string[],
        options as { format: 'text' | 'json' | 'github' },
        {
          write: context.write,
          env: context.environment,
          colors: context.colors.isColorSupported,
        },
      ),
  },
  {
    name: 'plan <file>',
    summary: 'show what apply would do, and why',
    description: 'Shows what apply would do and why. Reads the live host, changes nothing.',
    options: [
      new Option('--destroy', 'the plan of nsctl destroy').default(false),
      format('text', 'json', 'commands'),
      detailedExitcode('if there are changes'),
      accept(),
      iptables(),
    ],
    examples: [
      'nsctl plan web.yaml',
      'nsctl plan web.yaml --format commands    what would be sent to ip and iptables-restore',
      'nsctl plan web.yaml --detailed-exitcode  for scripts: 0 up to date, 2 changes',
    ],
    run: async ([file], options, context) =>
      (await import('../commands/plan.ts')).plan(file as string, options as PlanOptions, context),
  },
  {
    name: 'apply <file>',
    summary: 'converge the host to a file',
    description:
      'Plans, converges, reads back and proves that a second plan is empty. A failing step takes back what was done.',
    options: [
      yes(),
      accept(),
      new Option(
        '--confirm <duration>',
        'take it back unless nsctl confirm comes within that time',
      ).argParser(someTime),
      lockTimeout(),
      iptables(),
    ],
    examples: [
      'nsctl apply web.yaml --confirm 60s    for a change that may cut you off',
      'nsctl apply web.yaml',
      'nsctl apply web.yaml --yes    where nobody can be asked',
    ],
    run: async ([file], options, context) =>
      (await import('../commands/apply.ts')).apply(file as string, options as ApplyOptions, context),
  },
  {
    name: 'confirm [topology]',
    summary: 'keep an apply that waits for confirmation',
    description:
      'Keeps an apply --confirm. Takes its name, or its file; neither is needed when only one waits.',
    options: [lockTimeout()],
    examples: ['nsctl confirm', 'nsctl confirm web'],
    run: async ([target], options, context) =>
      (await import('../commands/confirm.ts')).confirm(
        target as string | undefined,
        options as ConfirmOptions,
        context,
      ),
  },
  {
    name: 'rollback [topology]',
    summary: 'take such an apply back now',
    description:
      'Takes back, now, an apply that waits for confirmation, or one that was cut off before its end: the topology is as it was before.',
    options: [lockTimeout()],
    examples: ['nsctl rollback', 'nsctl rollback web'],
    run: async ([target], options, context) =>
      (await import('../commands/confirm.ts')).rollback(
        target as string | undefined,
        options as ConfirmOptions,
        context,
      ),
  },
  {
    name: 'revert <topology> <started-at>',
    summary: '',
    description: 'The process that takes an apply back when its time is over.',
    hidden: true,
    run: async ([topology, startedAt], _, context) =>
      (await import('../commands/reverter.ts')).revert(topology as string, startedAt as string, context),
  },
  {
    name: 'destroy [topology]',
    summary: 'remove everything a topology owns',
    description:
      'Removes everything a topology owns and nothing else. Takes its name, or its file, of which only the name is read; neither is needed when there is one topology on the host.',
    options: [
      new Option('--all', 'every topology on this host').default(false),
      yes(),
      lockTimeout(),
      iptables(),
    ],
    examples: ['nsctl destroy', 'nsctl destroy web --yes', 'nsctl destroy ./web.yaml'],
    run: async ([target], options, context) =>
      (await import('../commands/destroy.ts')).destroy(
        target as string | undefined,
        options as DestroyOptions,
        context,
      ),
  },
  {
    name: 'list',
    summary: 'topologies on this host',
    description: 'Lists the topologies on this host, and whether each is as it was last applied.',
    options: [format('text', 'json'), detailedExitcode('if one has drifted'), iptables()],
    examples: ['nsctl list', 'nsctl list --format json'],
    run: async (_, options, context) =>
      (await import('../commands/list.ts')).list(options as ListOptions, context),
  },
  {
    name: 'status [topology]',
    summary: 'what there is of a topology, and whether it works',
    description:
      'Shows the live links and addresses of a topology, its published ports and whether something listens behind them, drift, and the last applies. Takes its name, or its file; neither is needed when there is one topology on the host.',
    options: [format('text', 'json'), detailedExitcode('if it is not as it was last applied'), iptables()],
    examples: ['nsctl status', 'nsctl status web --format json'],
    run: async ([target], options, context) =>
      (await import('../commands/status.ts')).status(
        target as string | undefined,
        options as StatusOptions,
        context,
      ),
  },
  {
    name: 'exec <namespace> [command...]',
    summary: 'run a command in a namespace',
    description: "Runs a command, or your shell, in a namespace, with the namespace's resolv.conf.",
    examples: ['nsctl exec netns1', 'nsctl exec netns1 -- ping -c 1 192.168.0.1'],
    passThrough: true,
    run: async ([namespace, command], _, context) =>
      (await import('../commands/exec.ts')).exec(
        namespace as string,
        withoutSeparator(command as string[]),
        context,
      ),
  },
  {
    name: 'pin <file>',
    summary: 'write chosen addresses and names into a file',
    description:
      'Writes the addresses and interface names that were chosen automatically into the file. Comments and layout stay.',
    options: [iptables()],
    examples: ['nsctl pin web.yaml'],
    run: async ([file], options, context) =>
      (await import('../commands/pin.ts')).pin(file as string, options as HostOptions, context),
  },
  {
    name: 'snapshot',
    summary: 'the live state as JSON',
    description: 'Prints the live state as one JSON document: everything that a plan may rest on.',
    options: [iptables()],
    examples: ['nsctl snapshot > snapshot.json'],
    run: async (_, options, context) =>
      (await import('../commands/snapshot.ts')).snapshot(options as HostOptions, context),
  },
  {
    name: 'sandbox [command...]',
    summary: 'a throw-away host to try things in',
    description:
      "Runs a command, or your shell, on a throw-away host in private namespaces, also without root: with an uplink ens5 and a namespace `outside` for clients. Nothing in it touches the real host. The exit code is the command's.",
    examples: ['nsctl sandbox', 'nsctl sandbox -- nsctl apply web.yaml'],
    passThrough: true,
    run: async ([command], _, context) =>
      (await import('../commands/sandbox.ts')).sandbox(command as string[], sandboxContext(context)),
  },
  {
    name: 'sandbox-init [command...]',
    summary: '',
    description: 'The inner half of sandbox.',
    hidden: true,
    passThrough: true,
    run: async ([command], _, context) =>
      (await import('../commands/sandbox.ts')).sandboxInit(command as string[], sandboxContext(context)),
  },
  {
    name: 'schema',
    summary: 'the JSON schema of topology files',
    description: 'Prints the JSON schema (2020-12) of topology files, for editors and other checkers.',
    examples: ['nsctl schema > topology.schema.json'],
    run: async (_values, _options, context) => (await import('../commands/schema.ts')).schema(context),
  },
]

/** Behind a first argument, what passes through begins with the `--` that led it in. */
function withoutSeparator(command: string[]): string[] {
  return command[0] === '--' ? command.slice(1) : command
}

function sandboxContext(context: Context) {
  const { run, foreground, environment, self } = context
  return {
    run,
    foreground,
    environment: environment as NodeJS.ProcessEnv,
    self,
    say: (line: string) => context.say(`${escapeLines(line)}\n`),
  }
}
