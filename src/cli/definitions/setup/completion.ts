import type { Definition } from '../../definition.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionCommand: Definition<[shell: (typeof SHELLS)[number]]> = {
  name: 'completion <shell>',
  summary: 'completion for bash, zsh or fish',
  description:
    'Prints what a shell needs to complete commands, options, their values, files, and the names of the namespaces and topologies on this host.',
  choices: { shell: [...SHELLS] },
  examples: [
    'source <(nsctl completion bash)                                  in ~/.bashrc',
    'nsctl completion zsh > "${fpath[1]}/_nsctl"                      once',
    'nsctl completion fish > ~/.config/fish/completions/nsctl.fish    once',
  ],
  run: async ([shell], _, context) =>
    (await import('../../../commands/setup/completion.ts')).completion(shell, context),
}

export const completeCommand: Definition<[words: string[]]> = {
  name: '__complete [words...]',
  summary: '',
  description:
    'What may stand at the end of a command line that is being typed, for the scripts of completion.',
  hidden: true,
  passThrough: true,
  run: async ([words], _, context) => {
    const [{ complete }, { printCompletion }] = await Promise.all([
      import('../../complete.ts'),
      import('../../../commands/setup/completion.ts'),
    ])
    return printCompletion(complete(words), context)
  },
}
