import { accessSync, constants, statSync } from 'node:fs'
import { requirePrivilege } from '../../kernel/process/privilege.ts'
import { findTool, isOnPath, MissingTool } from '../../kernel/process/tools.ts'
import { listNamespaces } from '../../kernel/read/in-namespaces.ts'
import { messageOf } from '../../model/text/escape.ts'

export type ExecOutcome =
  /** The command line that runs the command in the namespace, with its resolv.conf. */
  { kind: 'executable'; commandLine: string[] } | CannotExec

export type CannotExec =
  | { kind: 'noSuchNamespace'; present: string[] }
  | { kind: 'cannotEnter'; why: string }
  | { kind: 'commandNotFound' }
  | { kind: 'commandNotExecutable'; why: string }

/**
 * How to run a command in a namespace. Whether it can be started is checked before: `ip netns exec` itself exits with 1
 * where it cannot, as many commands do.
 */
export function commandIn(
  namespace: string,
  command: string[],
  { PATH = '' }: Record<string, string | undefined>,
): ExecOutcome {
  const [program = ''] = command
  const refused = cannotEnter(namespace) ?? cannotRun(program, PATH)
  if (refused !== null) return refused
  return {
    kind: 'executable',
    commandLine: [findTool('ip') ?? 'ip', 'netns', 'exec', namespace, ...command],
  }
}

function cannotEnter(namespace: string): CannotExec | null {
  const present = listNamespaces()
  if (!present.has(namespace)) return { kind: 'noSuchNamespace', present: [...present.keys()] }
  const unusable = present.get(namespace)
  if (unusable != null) return { kind: 'cannotEnter', why: `${namespace} cannot be entered: ${unusable}` }
  try {
    requirePrivilege()
    if (findTool('ip') === null) throw new MissingTool('ip')
    return null
  } catch (error) {
    return { kind: 'cannotEnter', why: messageOf(error) }
  }
}

function cannotRun(program: string, path: string): CannotExec | null {
  if (!program.includes('/')) return isOnPath(program, path) ? null : { kind: 'commandNotFound' }
  try {
    accessSync(program, constants.X_OK)
    return statSync(program).isDirectory() ? { kind: 'commandNotExecutable', why: 'is a directory' } : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'commandNotFound' }
    return { kind: 'commandNotExecutable', why: 'permission denied' }
  }
}
