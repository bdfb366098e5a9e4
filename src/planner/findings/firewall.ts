import { FAMILIES } from '../../model/address.ts'
import { forwardPolicy, iptablesOf } from '../../model/host/iptables.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { Topology } from '../../model/topology.ts'
import { error, warning } from './finding.ts'

/** Rules of others that are in force beside ours and would drop what ours accept. */
export function firewallFindings(topology: Topology, { firewall, claims }: Snapshot): Finding[] {
  const { other } = firewall
  const dropping = FAMILIES.filter(family => forwardPolicy(other[family]) === 'DROP')
  return [
    ...dropping.map(family =>
      warning(
        'other-variant-drops',
        `${other.variant}/${family}`,
        `iptables-${other.variant} has FORWARD policy DROP beside iptables-${firewall.variant}`,
        [
          'rules of both variants are in force: what is accepted here is still dropped there',
          `see: ${iptablesOf(family)}-${other.variant} -S FORWARD`,
        ],
        topology.source,
      ),
    ),
    // Of what a snapshot holds the rules, the flows that a file declares tell what they stop.
    ...(firewall.nft ? [] : firewall.foreignNft)
      .filter(({ hook, policy }) => hook === 'forward' && policy === 'drop')
      .map(({ family, table, chain }) =>
        warning(
          'nft-drops',
          `${family}/${table}/${chain}`,
          `the nftables chain ${family} ${table} ${chain} drops what it does not accept`,
          [`let the namespaces pass there: nft list chain ${family} ${table} ${chain}`],
          topology.source,
        ),
      ),
    ...policyDisagreement(topology, claims),
  ]
}

/** One host has one FORWARD policy. */
function policyDisagreement(topology: Topology, claims: Snapshot['claims']): Finding[] {
  const others = claims.filter(({ kind }) => kind === 'policy').flatMap(({ holders }) => holders)
  const other = others.find(holder => holder !== topology.name)
  if (other === undefined || topology.forwardPolicy === 'drop') return []
  return [
    error(
      'policy-disagreement',
      other,
      `the topology ${other} has set the FORWARD policy to DROP, this one wants it kept`,
      ['write host.forward-policy: drop here too, or take it out there'],
      topology.source,
    ),
  ]
}
