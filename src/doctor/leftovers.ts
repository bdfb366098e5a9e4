import type { DoctorFacts } from '../model/host/facts.ts'
import { escapeText } from '../model/text/escape.ts'
import { type Check, type CheckFinding, note, problem } from './finding.ts'

/** What interrupted runs, of nsctl or others, have left behind. */
export const leftovers: Check = {
  name: 'leftovers',
  state: facts => {
    if (facts.snapshot === null) return null
    const count = found(facts).length
    return count === 0 ? 'none' : String(count)
  },
  findings: found,
}

function found({ snapshot, topologies, temporaries }: DoctorFacts): CheckFinding[] {
  return [
    ...Object.entries(snapshot?.namespaces ?? {}).flatMap(([name, state]): CheckFinding[] =>
      state.leftover
        ? [
            problem(
              'netns-leftover',
              name,
              `/run/netns/${escapeText(name)} is an empty file: the namespace was unmounted`,
              `ip netns add ${escapeText(name)} refuses this name; processes of that namespace live on without one`,
              `ip netns delete ${escapeText(name)}`,
            ),
          ]
        : state.unreadable === undefined
          ? []
          : [
              note(
                'netns-unreadable',
                name,
                `/run/netns/${escapeText(name)} cannot be entered: ${escapeText(state.unreadable)}`,
                'what is in it is not known to any plan',
                `look at it: ls -l /run/netns/${escapeText(name)}`,
              ),
            ],
    ),
    ...topologies.flatMap(({ name, staleClaims }) =>
      staleClaims.length === 0
        ? []
        : [
            problem(
              'stale-claims',
              name,
              `${name} claims what is not there: ${staleClaims.join(', ')}`,
              'what comes to stand there would be taken for its own',
              `nsctl apply FILE or nsctl destroy ${name} lets go of it`,
            ),
          ],
    ),
    ...(temporaries.length === 0
      ? []
      : [
          note(
            'temporaries',
            'files',
            `half-written files: ${temporaries.map(escapeText).join(', ')}`,
            'of an nsctl that was killed; they mean nothing',
            'the next apply or destroy removes them',
          ),
        ]),
  ]
}
