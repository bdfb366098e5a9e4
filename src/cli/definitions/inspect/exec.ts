import type { Definition } from '../../definition.ts'

export const execCommand: Definition<[namespace: string, command: string[]]> = {
  name: 'exec <namespace> [command...]',
  summary: 'run a command in a namespace',
  description: "Runs a command, or your shell, in a namespace, with the namespace's resolv.conf.",
  examples: ['nsctl exec netns1', 'nsctl exec netns1 -- ping -c 1 192.168.0.1'],
  passThrough: true,
  run: async ([namespace, command], _, context) =>
    (await import('../../../commands/inspect/exec.ts')).exec(namespace, withoutSeparator(command), context),
}

/** Behind a first argument, what passes through begins with the `--` that led it in. */
function withoutSeparator(command: string[]): string[] {
  return command[0] === '--' ? command.slice(1) : command
}
