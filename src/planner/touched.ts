import type { Plan } from '../model/plan.ts'

/** Names of the namespaces in which a plan changes anything, also by what goes along with it. */
export function touchedNamespaces({ changes, steps }: Plan): Set<string> {
  const ends = changes
    .flatMap(({ before, after }) => [before?.ends, after?.ends])
    .flatMap(list => (list as { namespace: string }[] | undefined) ?? [])
  const entered = steps.flatMap(({ commands }) =>
    commands.flatMap(command => ('namespace' in command ? [command.namespace] : [])),
  )
  return new Set([
    ...changes.map(({ scope }) => scope),
    ...ends.map(({ namespace }) => namespace),
    ...entered,
  ])
}
