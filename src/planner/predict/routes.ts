import type { RouteAttributes } from '../../kinds/route.ts'
import type { RuleAttributes } from '../../kinds/rule.ts'
import type { SysctlAttributes } from '../../kinds/sysctl.ts'
import { cidr, contains, familyOf } from '../../model/address.ts'
import { ROUTE_PROTOCOL } from '../../model/ownership.ts'
import { rulesAtBirth } from '../../model/rtnetlink.ts'
import { networkIn } from '../../model/scope.ts'
import type { NetworkState, PolicyRule, Snapshot } from '../../model/snapshot.ts'

export function foretellRoute(
  snapshot: Snapshot,
  before: RouteAttributes | null,
  after: RouteAttributes | null,
): void {
  const route = after ?? before
  const network = route && networkIn(snapshot, route.scope)
  if (!network) return
  // As `ip route replace`: one of this destination, table and metric takes the place of another.
  network.routes = network.routes.filter(
    ({ to, table, metric }) => to !== route.to || table !== route.table || metric !== route.metric,
  )
  if (after === null) return
  const { to, via, table, metric, type } = after
  const dev = after.dev ?? (via === null ? null : linkToward(network, via))
  network.routes.push({
    ...{ family: familyOf(to), to, via, dev, table, metric, type, protocol: ROUTE_PROTOCOL },
    source: null,
  })
}

function linkToward({ links }: NetworkState, address: string): string | null {
  const near = links.find(link => link.addresses.some(live => contains(cidr(live.address), cidr(address))))
  return near?.name ?? null
}

export function foretellRule(
  snapshot: Snapshot,
  before: RuleAttributes | null,
  after: RuleAttributes | null,
): void {
  const rule = after ?? before
  const network = rule && networkIn(snapshot, rule.scope)
  if (!network) return
  const wanted = policyRule(rule)
  network.rules = network.rules.filter(
    ({ family, priority, table, from, selector }) =>
      family !== wanted.family ||
      priority !== wanted.priority ||
      table !== wanted.table ||
      from !== wanted.from ||
      selector.fwmark !== wanted.selector.fwmark,
  )
  if (after === null) return
  if (!network.rules.some(({ family }) => family === wanted.family))
    network.rules.push(...rulesAtBirth(wanted.family))
  network.rules.push(wanted)
}

function policyRule({ family, priority, selector, table }: RuleAttributes): PolicyRule {
  const [word = '', value = ''] = selector.split(' ')
  const [fwmark = '', fwmask = '0xffffffff'] = value.split('/')
  return {
    ...{ family, priority, table, protocol: ROUTE_PROTOCOL },
    from: word === 'from' ? value : 'all',
    selector: word === 'fwmark' ? { fwmark, fwmask } : {},
  }
}

/** One that goes with its link leaves nothing behind that a packet could meet. */
export function foretellSysctl(
  snapshot: Snapshot,
  before: SysctlAttributes | null,
  after: SysctlAttributes | null,
): void {
  const setting = after ?? before
  const network = setting && networkIn(snapshot, setting.scope)
  if (!network) return
  if (after === null) delete network.sysctls[setting.key]
  else network.sysctls[after.key] = after.value
}
