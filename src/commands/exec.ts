import { accessSync, constants, statSync } from 'node:fs'
import { listNamespaces } from '../kernel/in-namespaces.ts'
import { findTool, isOnPath } from '../kernel/tools.ts'
import { escapeText } from '../model/escape.ts'
import type { Context } from './context.ts'

/** Runs a command in a namespace, with its resolv.conf; exit codes as of `env`. */
export async function exec(namespace: string, command: string[], context: Context): Promise<number> {
  const known = listNamespaces()
  if (!known.has(namespace)) {
    const names = [...known.keys()]
    context.say(
      `nsctl exec: no namespace ${escapeText(namespace)}; ${names.length === 0 ? 'there is none on this host' : `namespaces of this host: ${names.map(escapeText).join(', ')}`}\n`,
    )
    return 125
  }
  const unfit = known.get(namespace)
  if (unfit != null) {
    context.say(`nsctl exec: ${escapeText(namespace)} cannot be entered: ${escapeText(unfit)}\n`)
    return 125
  }
  const ip = findTool('ip')
  if (ip === null) {
    context.say('nsctl exec: ip not found; install the package iproute2\n')
    return 125
  }
  const wanted = command.length > 0 ? command : [context.environment.SHELL ?? '/bin/sh']
  const [program = ''] = wanted
  const refused = program.includes('/') ? whyNotRun(program) : null
  if (refused !== null) {
    context.say(`nsctl exec: ${escapeText(program)}: ${refused.why}\n`)
    return refused.exitCode
  }
  if (!program.includes('/') && !isOnPath(program, context.environment.PATH ?? '')) {
    context.say(`nsctl exec: ${escapeText(program)}: not found\n`)
    return 127
  }
  const { exitCode, problem } = await context.foreground([ip, 'netns', 'exec', namespace, ...wanted], {
    environment: context.environment as NodeJS.ProcessEnv,
    to: 'child',
  })
  if (problem !== null) context.say(`nsctl exec: ${escapeText(problem)}\n`)
  return exitCode
}

/** `ip netns exec` itself ends with 1 when it cannot start a command, as many commands do. */
function whyNotRun(path: string): { exitCode: number; why: string } | null {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isDirectory() ? { exitCode: 126, why: 'is a directory' } : null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? { exitCode: 127, why: 'not found' }
      : { exitCode: 126, why: 'permission denied' }
  }
}
