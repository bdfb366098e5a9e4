import type { Family } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import { chain, type WantedChain } from './chain.ts'
import { fromGroup, hex, module, not, rule, state, target, toGroup } from './match.ts'

/** Which bits of the mark say by which uplink a connection came in, and what they say for each. */
export interface ReplyMarks {
  mask: number
  marks: Map<string, number>
}

/**
 * A reply leaves through the uplink its connection came in by: the connection remembers the uplink's mark, its replies
 * bear it, and an ip rule sends them to that uplink's table. Only connections into our namespaces are touched.
 */
export function replyMarks(topology: Topology, family: Family, facts: ReplyMarks | null): WantedChain[] {
  if (facts === null) return []
  const own = topology.name
  const mask = hex(facts.mask)
  const remember = topology.uplinks.flatMap(uplink => {
    const mark = facts.marks.get(uplink)
    if (mark === undefined) return []
    return [
      rule(
        { in: uplink, modules: [toGroup(own), state('NEW')] },
        target('CONNMARK', ['--set-xmark', `${hex(mark)}/${mask}`]),
      ),
    ]
  })
  const restore = rule(
    {
      modules: [
        fromGroup(own),
        module('conntrack', '--ctdir', 'REPLY'),
        not(module('connmark', '--mark', `0x0/${mask}`)),
      ],
    },
    target('CONNMARK', ['--restore-mark'], ['--nfmask', mask], ['--ctmask', mask]),
  )
  return [
    chain(own, family, 'markConnections', {
      rules: remember,
      from: [{ chain: 'FORWARD' }],
      reason: 'connections remember the uplink they came in by',
    }),
    chain(own, family, 'markReplies', {
      rules: [restore],
      from: [{ chain: 'PREROUTING' }],
      reason: 'replies leave through the uplink their connection came in by',
    }),
  ]
}
