import type { Family } from '../address.ts'
import type { NftRuleset } from '../nft/ruleset.ts'
import type { Listener, NetworkState, PolicyRule, Table, Variant } from './snapshot.ts'

export interface Ruleset {
  variant: Variant
  ipv4: Table[]
  ipv6: Table[]
}

/** One network namespace with all that decides over a packet in it. */
export interface NetworkStack {
  /** `host`, or the namespace's name. */
  name: string
  network: NetworkState
  rulesets: Ruleset[]
  nft: NftRuleset
  listeners: Listener[]
  /** Whether something is taken to listen on every port: where only the way there is asked about. */
  allListening?: true
}

/** What only the kernel, or a model of it, can say: where a packet goes next. */
export interface RouteQuestion {
  place: string
  family: Family
  destination: string
  /** Null: the kernel is to choose it. */
  source: string | null
  /** Where it came in; null for a packet of this place's own. */
  input: string | null
  mark: number
  protocol: 'tcp' | 'udp' | 'sctp' | 'icmp'
  destinationPort: number | null
}

export type Routed =
  /** To the place itself; `source`: what it would send from, null where that is the destination itself. */
  | { kind: 'local'; source: string | null }
  /** `by`: the policy rule that led there, where it is not the kernel's own. */
  | {
      kind: 'unicast'
      dev: string
      via: string | null
      source: string | null
      by?: PolicyRule
      oneOfSeveral?: true
    }
  | { kind: 'refused'; why: RouteRefusal; detail: string }
  /** A policy rule asks for something that is not known here. */
  | { kind: 'unknown'; why: string }

export type RouteRefusal =
  | 'no-route'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'rp-filter'
  | 'forwarding-off'
  | 'martian'
