import { escapeText } from '../../model/text/escape.ts'
import { didYouMean } from './nearest.ts'
import type { Report } from './report.ts'
import { forbiddenCharacter } from './text.ts'
import type { Node, ScalarNode, Span } from './tree.ts'

export type Environment = Record<string, string | undefined>

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/** Replaces `${VAR}` and `${VAR:-default}` in every string value, in place; keys stay as they are. */
export function interpolate(node: Node, env: Environment, report: Report): void {
  if (node.kind === 'map') for (const { value } of node.entries.values()) interpolate(value, env, report)
  else if (node.kind === 'list') for (const item of node.items) interpolate(item, env, report)
  else if (typeof node.value === 'string' && node.value.includes('${')) interpolateScalar(node, env, report)
}

function interpolateScalar(node: ScalarNode, env: Environment, report: Report): void {
  const text = String(node.value)
  const inside = node.span[0] + (node.plain ? 0 : 1)
  const spanOf = (offset: number, length: number): Span =>
    inside + offset + length <= node.span[1] ? [inside + offset, inside + offset + length] : node.span
  let failed = false
  const replaced = text.replace(
    VARIABLE,
    (whole, name: string, fallback: string | undefined, offset: number) => {
      const set = Object.hasOwn(env, name) ? env[name] : undefined
      // As in a shell: `:-` also serves where the variable is set to nothing.
      const value = fallback === undefined ? set : set || fallback
      if (value === undefined) {
        failed = true
        report.errorAt(
          'unset-variable',
          spanOf(offset, whole.length),
          `${name} is not in the environment, and no default is given`,
          ...didYouMean(name, Object.keys(env)),
          `set it, or give a default: \${${name}:-…}`,
        )
        return ''
      }
      const bad = forbiddenCharacter(value)
      if (bad !== null) {
        failed = true
        report.errorAt('control-character', spanOf(offset, whole.length), `${name} holds ${escapeText(bad)}`)
      }
      return value
    },
  )
  const stray = text.replace(VARIABLE, whole => ' '.repeat(whole.length)).indexOf('${')
  if (stray !== -1) {
    failed = true
    const end = text.indexOf('}', stray)
    report.errorAt(
      'malformed-variable',
      spanOf(stray, (end === -1 ? text.length : end + 1) - stray),
      'expected ${NAME} or ${NAME:-default}; a name has letters, digits and _, and does not begin with a digit',
    )
  }
  if (failed) report.silence(node.span)
  node.value = replaced
  node.interpolated = true
}
