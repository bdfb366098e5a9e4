import { FAMILIES } from '../../model/address.ts'
import { type RestoreCommand, type RestoreLine, TABLES } from '../../model/command/iptables.ts'
import { rulesetsOf } from '../../model/host/iptables.ts'
import type { Chain, Firewall, Table } from '../../model/host/snapshot.ts'

/** Both variants, since both are in force. */
export function firewallCommands(firewall: Firewall) {
  const all = rulesetsOf(firewall).flatMap(set =>
    FAMILIES.flatMap(family => set[family].map(table => ({ variant: set.variant, family, table }))),
  )
  const isKnown = ({ table }: { table: Table }) => TABLES.includes(table.name)
  return {
    commands: all.filter(isKnown).flatMap(({ variant, family, table }): RestoreCommand[] => {
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
function linesOf({ chains }: Table): RestoreLine[] {
  const said = chains.filter(({ policy, rules }) => policy !== 'ACCEPT' || rules.length > 0)
  return [
    ...said.map(declaration),
    ...said.flatMap(({ name: chain, rules }) =>
      rules.map((rule): RestoreLine => ({ op: 'append', chain, rule })),
    ),
  ]
}

function declaration({ name, policy }: Chain): RestoreLine {
  return { op: 'declare', chain: name, policy }
}
