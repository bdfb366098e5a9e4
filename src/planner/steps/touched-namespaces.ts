import { KINDS } from '../../kinds/all.ts'
import { type Kinds, kindOf } from '../../kinds/kind.ts'
import type { Plan } from '../../model/plan/plan.ts'

/** Names of the namespaces in which a plan changes anything, also by what goes along with it. */
export function touchedNamespaces({ changes, steps }: Plan, kinds: Kinds = KINDS): Set<string> {
  const interfaces = changes.flatMap(({ kind, before, after }) => {
    const { link } = kindOf(kind, kinds)
    return link ? [before, after].flatMap(side => (side ? link.interfaces(side) : [])) : []
  })
  const entered = steps.flatMap(({ commands }) =>
    commands.flatMap(command => ('namespace' in command ? [command.namespace] : [])),
  )
  return new Set([
    ...changes.map(({ scope }) => scope),
    ...interfaces.map(({ namespace }) => namespace),
    ...entered,
  ])
}
