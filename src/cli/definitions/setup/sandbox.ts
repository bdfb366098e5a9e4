import type { Definition } from '../../definition.ts'

export const sandboxCommand: Definition<[command: string[]]> = {
  name: 'sandbox [command...]',
  summary: 'a throw-away host to try things in',
  description:
    "Runs a command, or your shell, on a throw-away host in private namespaces, also without root: with an uplink ens5 and a namespace `outside` for clients. Nothing in it touches the real host. The exit code is the command's.",
  examples: ['nsctl sandbox', 'nsctl sandbox -- nsctl apply web.yaml'],
  passThrough: true,
  run: async ([command], _, context) =>
    (await import('../../../commands/setup/sandbox.ts')).sandbox(command, context),
}

export const sandboxInitCommand: Definition<[command: string[]]> = {
  name: 'sandbox-init [command...]',
  summary: '',
  description: 'The inner half of sandbox.',
  hidden: true,
  passThrough: true,
  run: async ([command], _, context) =>
    (await import('../../../commands/setup/sandbox.ts')).sandboxInit(command, context),
}
