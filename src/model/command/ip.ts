import type { Family } from '../address.ts'
import type { Route } from '../host/snapshot.ts'

/** A change that `ip` makes, in the namespace named; `host` is the host. */
export type IpCommand =
  | NetnsCommand
  | AddLink
  | SetLink
  | DeleteLink
  | ChangeAltname
  | PutAddress
  | DeleteAddress
  | FlushAddresses
  | RouteCommand
  | AddRule
  | DeleteRule

interface Ip {
  tool: 'ip'
  namespace: string
}

interface NetnsCommand extends Ip {
  op: 'netns-add' | 'netns-delete'
  name: string
}

/** A link at its birth. */
export interface NewLink {
  name: string
  index?: number
  mac?: string
  mtu?: number
  group?: number
}

export type AddLink = Ip & { op: 'link-add'; link: NewLink } & (
    | { type: 'bridge' }
    /** The peer is born in the same namespace where it names none. */
    | { type: 'veth'; peer: NewLink & { namespace?: string } }
  )

/** Sets what is given, in one message. */
export interface SetLink extends Ip {
  op: 'link-set'
  dev: string
  name?: string
  group?: number
  alias?: string
  mtu?: number
  mac?: string
  /** The bridge that it becomes a port of; null: of none. */
  master?: string | null
  addrgenmode?: 'none'
  state?: 'up' | 'down'
  /** Of a port. `ip` takes it for a setting of the master there is, so it goes with no other. */
  hairpin?: true
}

interface DeleteLink extends Ip {
  op: 'link-delete'
  dev: string
}

/** Gives a link another name beside its own, or takes it away. */
interface ChangeAltname extends Ip {
  op: 'altname-add' | 'altname-delete'
  dev: string
  altname: string
}

export interface PutAddress extends Ip {
  op: 'address-add' | 'address-replace'
  /** CIDR. */
  address: string
  dev: string
  scope?: string
  nodad?: true
  noprefixroute?: true
}

interface DeleteAddress extends Ip {
  op: 'address-delete'
  address: string
  dev: string
}

/** No error where none is left of them. */
interface FlushAddresses extends Ip {
  op: 'address-flush'
  dev: string
  /** Only this one, without its prefix length. */
  to?: string
  scope?: 'link'
}

export interface RouteCommand extends Ip {
  op: 'route-add' | 'route-replace' | 'route-delete'
  /** CIDR. */
  to: string
  type: Route['type']
  via: string | null
  dev: string | null
  onlink?: true
  table: number
  /** 0: the kernel's choice. */
  metric: number
  /** Number of the routing protocol. */
  protocol: number
  source?: string
}

export interface RuleSelector {
  not?: true
  from?: string
  to?: string
  /** `VALUE` or `VALUE/MASK`. */
  fwmark?: string
  iif?: string
  oif?: string
  tos?: string
}

interface AddRule extends Ip {
  op: 'rule-add'
  family: Family
  selector: RuleSelector
  table: number
  priority: number
  /** Number of the routing protocol; 0: not given. */
  protocol: number
}

/** Of several rules with the priority, the first that has what else is given. */
export interface DeleteRule extends Ip {
  op: 'rule-delete'
  family: Family
  priority: number
  selector?: RuleSelector
  table?: number
  protocol?: number
}
