import { FAMILIES } from '../../model/address.ts'
import { rulesetsOf } from '../../model/iptables.ts'
import type { Command } from '../../model/plan.ts'
import type { Chain, Firewall, Table } from '../../model/snapshot.ts'

/** Tables that a restore takes, in the order of `restoreInput`. */
const KNOWN = ['raw', 'mangle', 'nat', 'filter']

/** Both variants, since both are in force. */
export function firewallCommands(firewall: Firewall) {
  const all = rulesetsOf(firewall).flatMap(set =>
    FAMILIES.flatMap(family => set[family].map(table => ({ variant: set.variant, family, table }))),
  )
  const isKnown = ({ table }: { table: Table }) => KNOWN.includes(table.name)
  return {
    commands: all.filter(isKnown).flatMap(({ variant, family, table }): Command[] => {
      const lines = linesOf(table)
      return lines.length === 0
        ? []
        : [{ tool: 'iptables-restore', family, variant, table: table.name, lines }]
    }),
    omitted: [
      ...all.filter(one => !isKnown(one)).map(({ table }) => `firewall table ${table.name}`),
      ...new Set(firewall.foreignNft.map(({ family, table }) => `nftables table ${family} ${table}`)),
    ],
  }
}

/** A built-in chain that holds nothing and accepts is there already. */
function linesOf({ chains }: Table): string[] {
  const said = chains.filter(({ policy, rules }) => policy !== 'ACCEPT' || rules.length > 0)
  return [
    ...said.map(declaration),
    ...said.flatMap(({ name, rules }) => rules.map(rule => `-A ${name} ${rule}`)),
  ]
}

function declaration({ name, policy }: Chain): string {
  return `:${name} ${policy ?? '-'} [0:0]`
}
