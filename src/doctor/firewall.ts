import { FAMILIES } from '../model/address.ts'
import { forwardPolicy } from '../model/host/iptables.ts'
import type { Firewall, NativeRule, UnreadableTable } from '../model/host/snapshot.ts'
import { deleteNative, describeNative, describeUnreadable, nftTable } from '../model/host/unreadable.ts'
import { counted } from '../model/text/phrases.ts'
import { type Check, type CheckFinding, note, problem } from './finding.ts'

export const firewall: Check = {
  name: 'firewall',
  state: ({ snapshot }) => {
    if (snapshot === null) return null
    const { variant, version, other, foreignNft } = snapshot.firewall
    const parts = [
      `iptables ${version}, variant ${variant}`,
      ...(rulesIn(other) > 0 ? [`${counted(rulesIn(other), 'rule')} in ${other.variant} too`] : []),
      ...(foreignNft.length > 0 ? [`${counted(foreignNft.length, 'base chain')} of nftables`] : []),
    ]
    return parts.join('; ')
  },
  findings: ({ snapshot, stopped }) => {
    if (snapshot === null) return []
    const { variant, other, foreignNft, unreadable = [], native = [] } = snapshot.firewall
    return [
      ...unreadable.map(unreadableTable),
      ...native.map(nativeRule),
      ...FAMILIES.filter(family => forwardPolicy(other[family]) === 'DROP').map(family =>
        problem(
          'other-variant-drops',
          `${other.variant}/${family}`,
          `FORWARD has policy DROP in iptables-${other.variant} (${family}), beside iptables-${variant}`,
          'both are in force: what a topology lets through here is dropped there',
          `move those rules to iptables-${variant}, or use --iptables ${other.variant}`,
        ),
      ),
      ...(rulesIn(other) > 0
        ? [
            note(
              'two-variants',
              other.variant,
              `iptables-${other.variant} holds rules, and nsctl's go to iptables-${variant}`,
              'a packet has to pass both; `iptables -S` shows one of them only',
              `see iptables-${other.variant}-save`,
            ),
          ]
        : []),
      ...stopped.map(({ flow, subject, by, remedy }) =>
        problem('nft-drops', subject, `${flow} is stopped by nftables`, by, remedy),
      ),
      // Of rules that were not read only the policy tells.
      ...(snapshot.firewall.nft ? [] : foreignNft)
        .filter(({ hook, policy }) => hook === 'forward' && policy === 'drop')
        .map(nftDrops),
    ]
  },
}

function unreadableTable(table: UnreadableTable): CheckFinding {
  const [first] = table.culprits
  return problem(
    'table-unreadable',
    `${table.variant}/${nftTable(table).replace(' ', '/')}`,
    describeUnreadable(table),
    'no topology with rules in it can be planned or applied, and it is not known whether its rules are as applied',
    first
      ? `whoever wrote that rule with nft has to put it into a table of its own; as a last resort: ${deleteNative(first)}`
      : `apt install nftables shows the rule that iptables cannot print: nft -a list table ${nftTable(table)}`,
  )
}

function nativeRule(rule: NativeRule): CheckFinding {
  return note(
    'native-rule',
    `${nftTable(rule).replace(' ', '/')}/${rule.chain}/${rule.handle}`,
    `iptables prints a rule of nft in the table ${rule.table} as another: ${describeNative(rule)}`,
    'what iptables -S and iptables-save show of it is not what it does',
    `nft -a list chain ${nftTable(rule)} ${rule.chain}`,
  )
}

function nftDrops({ family, table, chain }: Firewall['foreignNft'][number]): CheckFinding {
  return note(
    'nft-drops',
    `${family}/${table}/${chain}`,
    `the nftables chain ${family} ${table} ${chain} drops what it does not accept`,
    'packets from and to namespaces have to be accepted there as well',
    `nft list chain ${family} ${table} ${chain}`,
  )
}

type Tables = Firewall['ipv4']

function rulesIn({ ipv4, ipv6 }: { ipv4: Tables; ipv6: Tables }): number {
  return [...ipv4, ...ipv6].flatMap(({ chains }) => chains).reduce((sum, { rules }) => sum + rules.length, 0)
}
