import type { Family } from '../../../model/address.ts'
import { iptablesOf } from '../../../model/host/iptables.ts'
import type { NativeRule, Table, UnreadableTable, Variant } from '../../../model/host/snapshot.ts'
import { unknownRule } from '../../../model/host/unreadable.ts'
import { CommandFailed } from '../../process/run.ts'
import type { NftTable, NftTableChain } from './native-ruleset.ts'

/** The rules of one variant and family; of what iptables does not print as it is, that it is not known. */
export interface Rules {
  tables: Table[]
  unreadable: UnreadableTable[]
  native: NativeRule[]
}

/** Where to read, and with what: every table, or those named by `-t`. */
export interface Source {
  variant: Variant
  family: Family
  /** Absent: all. */
  tables?: string[]
  /** iptables' own tables as nft tells them; null where there is no nft to ask. Not asked for `legacy`. */
  nft: readonly NftTable[] | null
}

/** `iptables-nft-save`; the tools are called by the names of their variants, whatever `iptables` stands for. */
export function saveTool({ family, variant }: Pick<Source, 'family' | 'variant'>): string {
  return `${iptablesOf(family)}-${variant}-save`
}

/** It cannot parse a rule; of some it dies. */
export function isGivenUp(error: unknown): error is CommandFailed {
  return (
    error instanceof CommandFailed &&
    (error.exitCode === 3 || /ended by SIG(SEGV|ABRT|BUS)/.test(error.message))
  )
}

/** Rules as printed, as far as they were printed and are what they are printed as. */
export function merged(
  { rules }: NftTableChain,
  printed: string[],
  texts: ReadonlyMap<number, string>,
): string[] {
  return rules.map(({ fidelity, handle, jump }, i) => {
    const text = fidelity === 'faithful' ? printed[i] : undefined
    return text ?? unknownRule(texts.get(handle) ?? `handle ${handle}`, jump)
  })
}
