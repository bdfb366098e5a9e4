import type { Change, Finding } from '../../model/plan.ts'
import { error } from './finding.ts'

/** Namespaces that are to go while they hold what is somebody else's: that has to be moved out first. */
export function removalFindings(changes: Change[]): Finding[] {
  return changes
    .filter(({ kind, action }) => kind === 'namespace' && action === 'delete')
    .flatMap(({ before }) => {
      const strangers = (before?.strangers as string[] | undefined) ?? []
      const name = String(before?.name)
      if (strangers.length === 0) return []
      return [
        error(
          'namespace-holds-foreign',
          name,
          `namespace ${name} holds ${strangers.join(', ')}, which nsctl did not make and would be lost with it`,
          strangers.map(link => `move it out first: ip -n ${name} link set dev ${link} netns 1`),
          null,
        ),
      ]
    })
}
