import type { DoctorFacts } from '../model/host/facts.ts'
import { counted } from '../model/text/phrases.ts'
import { type Check, type CheckFinding, note, problem } from './finding.ts'

/** How the topologies on this host stand against what was last applied of them. */
export const topologies: Check = {
  name: 'topologies',
  state: facts =>
    facts.snapshot === null
      ? null
      : facts.topologies.map(({ name, sync }) => `${name} ${sync.state}`).join(', ') || 'none',
  findings: ({ snapshot, privileged, blind, topologies: standing }) => [
    ...(snapshot === null && privileged
      ? [
          problem(
            'unreadable',
            'host',
            `the host cannot be read: ${blind}`,
            'no plan can be made, and nothing is known of the topologies',
            'mend what the message says',
          ),
        ]
      : []),
    ...standing.flatMap(({ name, sync }) => findingOf(name, sync)),
  ],
}

function findingOf(
  name: string,
  { state, drift, confirmUntil }: DoctorFacts['topologies'][number]['sync'],
): CheckFinding[] {
  switch (state) {
    case 'drifted':
      return [
        problem(
          'drifted',
          name,
          `${name} has drifted: ${counted(drift.length, 'change')} would mend it`,
          'it may not do what its file says',
          `nsctl status ${name} says what; nsctl apply FILE mends it`,
        ),
      ]
    case 'unreadable':
      return [
        problem(
          'table-unreadable',
          name,
          `the rules of ${name} cannot be read`,
          'whether they are as they were applied is not known, and nothing is changed in them',
          'see the check firewall',
        ),
      ]
    case 'interrupted':
      return [
        problem(
          'interrupted',
          name,
          `an apply or destroy of ${name} was cut off`,
          'some of it is done and some is not',
          `nsctl apply FILE or nsctl destroy ${name} goes on; nsctl rollback ${name} takes it back`,
        ),
      ]
    case 'unknown':
      return [
        problem(
          'no-record',
          name,
          `${name} is on this host, and /run/nsctl has no record of it`,
          'drift cannot be told, and values that it set outside its own objects will not go back',
          'nsctl apply FILE records it anew',
        ),
      ]
    case 'unconfirmed':
      return [
        note(
          'unconfirmed',
          name,
          `an apply of ${name} waits for confirmation until ${confirmUntil}`,
          'it will be taken back then',
          `nsctl confirm ${name}`,
        ),
      ]
    default:
      return []
  }
}
