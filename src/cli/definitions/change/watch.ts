import { InvalidArgumentError, Option } from 'commander'
import { type Address, loopbackAddress } from '../../../commands/watch/address.ts'
import type { SuspensionCommandOptions } from '../../../commands/watch/suspension.ts'
import type { WatchOptions } from '../../../commands/watch/watch.ts'
import type { Definition } from '../../definition.ts'
import { someTime } from '../../duration.ts'
import { accept, iptables, lockTimeout, reader } from '../../options.ts'

function loopback(text: string): Address {
  const address = loopbackAddress(text)
  if (address) return address
  throw new InvalidArgumentError('Write it as 9464 or 127.0.0.1:9464: metrics are served on this host alone.')
}

function branchName(text: string): string {
  if (/^[A-Za-z0-9_][\w./-]*$/.test(text) && !/\.\.|\/$|\.lock$/.test(text)) return text
  throw new InvalidArgumentError('No branch can have this name.')
}

const suspendCommand: Definition<[target?: string], SuspensionCommandOptions> = {
  name: 'suspend [topology]',
  summary: 'look, but mend nothing, until resumed',
  description:
    'Has watchers look but mend nothing, of one topology or of all. Takes its name, or its file. Lasts until resumed, or the next boot.',
  options: [lockTimeout()],
  run: async ([target], options, context) =>
    (await import('../../../commands/watch/suspension.ts')).suspend(target, options, context),
}

const resumeCommand: Definition<[target?: string], SuspensionCommandOptions> = {
  name: 'resume [topology]',
  summary: 'mend again',
  description: 'Has watchers mend again, one topology or all.',
  options: [lockTimeout()],
  run: async ([target], options, context) =>
    (await import('../../../commands/watch/suspension.ts')).resume(target, options, context),
}

export const watchCommand: Definition<[target?: string], WatchOptions> = {
  name: 'watch [source]',
  summary: 'keep the host converged',
  description:
    'Keeps the host as a file, the files of a directory, or a repository says: when they change, when the kernel tells of a change, and now and then anyway. Runs until TERM or INT. Logs JSON lines to standard error.',
  daemon: true,
  options: [
    new Option('--interval <duration>', 'look, and fetch, at least that often')
      .argParser(someTime)
      .default(60, '60s'),
    new Option('--git <url>', 'follow a repository; the source is then a path in it').argParser(String),
    new Option('--branch <name>', 'the branch to follow')
      .argParser(branchName)
      .default(undefined, "the remote's HEAD"),
    new Option('--prune', 'destroy topologies that are taken out of the source').default(false),
    new Option('--metrics <port>', 'serve Prometheus metrics and health there, on this host alone').argParser(
      loopback,
    ),
    accept(),
    iptables(),
    reader(),
  ],
  examples: [
    'nsctl watch /etc/nsctl/web.yaml',
    'nsctl watch /etc/nsctl --metrics 9464',
    "nsctl watch --git https://git.example/hosts.git 'hosts/{hostname}.yaml'",
    'nsctl watch suspend web    to try something by hand',
  ],
  below: [suspendCommand, resumeCommand],
  run: async ([target], options, context) =>
    (await import('../../../commands/watch/watch.ts')).watch(target, options, context),
}
