import { InvalidArgumentError, Option } from 'commander'
import { duration } from './duration.ts'

export const iptables = () =>
  new Option('--iptables <variant>', 'which iptables to use; auto: what `iptables` stands for')
    .choices(['auto', 'nft', 'legacy'])
    .default('auto')
export const reader = () =>
  new Option('--reader <reader>', 'what reads networks; auto: netlink where it can be had and there are many')
    .choices(['auto', 'ip', 'netlink'])
    .default('auto')
export const yes = () => new Option('--yes', 'go ahead without asking').default(false)
export const lockTimeout = () =>
  new Option('--lock-timeout <duration>', 'how long to wait for another nsctl')
    .argParser(duration)
    .default(10, '10s')
export const accept = () =>
  new Option('--accept <code:subject>', 'a finding that is known and wanted; may be repeated')
    .argParser(acceptance)
    .default([], 'those that the file accepts')
function acceptance(value: string, all: string[]): string[] {
  if (!/^[a-z][a-z0-9-]*:[\x21-\x7e]{1,200}$/.test(value)) {
    throw new InvalidArgumentError('Write it as CODE:SUBJECT, such as port-held:tcp/6000.')
  }
  return [...all, value]
}

export const format = (...choices: string[]) =>
  new Option('--format <format>', 'how to print').choices(choices).default(choices[0])
export const detailedExitcode = (what: string) =>
  new Option('--detailed-exitcode', `exit code 2 ${what}`).default(false)

/** Options of every command. */
export const logLevel = () =>
  new Option('--log-level <level>', 'trace shows every command sent to the kernel').choices([
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'silent',
  ])
export const noColor = () => new Option('--no-color', 'no colour, as with NO_COLOR in the environment')
