import type { AppliedTopology } from '../../explain/applied.ts'
import { sourceOfRule } from '../../explain/rules/rule-source.ts'
import type { Course } from '../../explain/world.ts'

/** The lines that rules of topologies come from, where their files are still as they were applied. */
export function ruleSourcesOf(applied: readonly AppliedTopology[]): Course['sourceOf'] {
  const topologies = new Map(applied.map(({ name, topology }) => [name, topology]))
  return (name, rule) => {
    const topology = topologies.get(name)
    return topology ? sourceOfRule(topology, rule) : null
  }
}
