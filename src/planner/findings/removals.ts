import { parseRule } from '../../firewall/codec/rule.ts'
import { selectorOf } from '../../firewall/codec/selector.ts'
import { ownChain } from '../../firewall/roles.ts'
import { type ChainAttributes, chain } from '../../kinds/firewall/chain.ts'
import { changesOf } from '../../kinds/kind.ts'
import { namespace } from '../../kinds/namespace.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Change, Finding } from '../../model/plan/plan.ts'
import { error, warning } from './finding.ts'

/** What would be lost, or left behind, by what is to go. */
export function removalFindings(changes: Change[]): Finding[] {
  return [...strangersInside(changes), ...forwardingLeftOn(changes)]
}

/** Namespaces that are to go while they hold what is somebody else's: that has to be moved out first. */
function strangersInside(changes: Change[]): Finding[] {
  return changesOf(namespace, changes)
    .filter(({ action }) => action === 'delete')
    .flatMap(({ before }) => {
      const { name = '', strangers = [] } = before ?? {}
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

/** Uplinks that are fenced no more while nothing is known of their forwarding before: whoever sees to it must be told. */
function forwardingLeftOn(changes: Change[]): Finding[] {
  const settled = new Set(changes.filter(({ kind }) => kind === 'sysctl').map(({ id }) => id))
  return changesOf(chain, changes).flatMap(({ before, after }) => {
    if (before === null || ownChain(before.name)?.role !== 'fence') return []
    const { family } = before
    const kept = fencedUplinks(after)
    return fencedUplinks(before)
      .filter(uplink => !kept.includes(uplink))
      .filter(
        uplink =>
          !SETTINGS[family].some(name => settled.has(`sysctl/host/net/${family}/conf/${uplink}/${name}`)),
      )
      .map(uplink =>
        warning(
          'forwarding-left-on',
          `${uplink}/${family}`,
          `forwarding stays on for ${uplink}: what it was before nsctl is not known any more`,
          [
            `it goes without its fence: the host may route for its neighbours there`,
            `if nothing else on this host needs it: sysctl -w net.${family}.conf.${uplink.replaceAll('.', '/')}.${SETTINGS[family][0]}=0`,
          ],
          null,
        ),
      )
  })
}

/** An uplink that is gone forwards nothing, and comes back as the kernel makes it. */
export function ofPresentUplinks(findings: Finding[], { host }: Snapshot): Finding[] {
  return findings.filter(
    ({ code, subject }) =>
      code !== 'forwarding-left-on' || linkNamed(host.links, subject.replace(/\/[^/]*$/, '')) !== undefined,
  )
}

/** What makes an uplink forward, by family. */
const SETTINGS = { ipv4: ['forwarding'], ipv6: ['force_forwarding', 'forwarding'] } as const

function fencedUplinks(fence: ChainAttributes | null): string[] {
  return (fence?.jumps ?? []).flatMap(({ rule }) => selectorOf(parseRule(rule)).in?.is ?? [])
}
