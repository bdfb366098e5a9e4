import { basename } from 'node:path'
import { isExecutable } from '../../kernel/process/tools.ts'

/** The user's shell, unless it is one that refuses to be one, as of system accounts. */
export function shellOf({ SHELL: own }: Record<string, string | undefined>): string {
  if (own && !['nologin', 'false'].includes(basename(own)) && isExecutable(own)) return own
  return isExecutable('/bin/bash') ? '/bin/bash' : '/bin/sh'
}
