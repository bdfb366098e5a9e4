import type { NftElement } from './expression.ts'
import type { NftStatement } from './statement.ts'

/** The nftables rules of one network namespace that iptables' tools do not print, or not as they are. */
export interface NftRuleset {
  tables: NftTable[]
  /** Native rules in iptables' own chains, which iptables-save prints as other rules, or not at all. */
  misprints: NftMisprint[]
  /** Every table as it was made, iptables' own too, as `ip nat`: at one priority what was made later comes first. */
  made?: string[]
}

export const NO_NFT: NftRuleset = { tables: [], misprints: [] }

export interface NftTable {
  /** `ip`, `ip6`, `inet`, `bridge`, `netdev`, `arp`. */
  family: string
  name: string
  /** Its chains are not registered: no packet meets them. */
  dormant?: true
  chains: NftChain[]
  /** Sets and maps with a name. */
  sets: NftSet[]
}

export interface NftChain {
  name: string
  /** Absent for a chain that is only jumped to. */
  base?: NftBase
  rules: NftRule[]
}

export interface NftBase {
  type: 'filter' | 'nat' | 'route'
  /** `prerouting`, `input`, `forward`, `output`, `postrouting`, `ingress`, `egress`. */
  hook: string
  priority: number
  policy: 'accept' | 'drop'
  /** Of ingress and egress: the interfaces it hooks into; absent where they are not known. */
  devices?: string[]
}

export interface NftRule {
  handle: number
  /** As `nft list` prints it, with its comment. */
  text: string
  comment?: string
  statements: NftStatement[]
}

export interface NftSet {
  name: string
  kind: 'set' | 'map'
  /** Absent where they have not been read. */
  elements?: NftElement[]
}

/** A rule of a chain that iptables made, whose text in iptables-save is not what it does. */
export interface NftMisprint {
  family: string
  table: string
  chain: string
  rule: NftRule
  /** Sets and maps of its table. */
  sets: NftSet[]
}
