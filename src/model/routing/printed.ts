import { LOCAL_TABLE, MAIN_TABLE } from '../host/rtnetlink.ts'
import type { PolicyRule, Route } from '../host/snapshot.ts'
import { everyHopOf, type RouteDecision } from './policy.ts'

/** `default via 10.8.0.1 dev tun0`, as `ip route` prints what matters of it. */
export function printedRoute(route: Route): string {
  const { to, type } = route
  const hops = everyHopOf(route).map(({ via, dev }) =>
    [via === null ? '' : `via ${via}`, dev === null ? '' : `dev ${dev}`]
      .filter(part => part !== '')
      .join(' '),
  )
  return [type === 'unicast' ? '' : type, to.endsWith('/0') ? 'default' : to, hops.join(' or ')]
    .filter(part => part !== '')
    .join(' ')
}

/** `ip rule 5270 (from all lookup 52)`. */
export function printedRule({ priority, from, table, selector }: PolicyRule): string {
  const { not, dst, dstlen, fwmark, fwmask, action, ...others } = selector
  const words = [
    not === undefined ? '' : 'not',
    `from ${from}`,
    dst === undefined ? '' : `to ${dst}${dstlen === undefined ? '' : `/${dstlen}`}`,
    fwmark === undefined ? '' : `fwmark ${fwmark}${fwmask === undefined ? '' : `/${fwmask}`}`,
    ...Object.entries(others).map(([key, value]) =>
      FLAGS.includes(key) ? key : `${NAMES[key] ?? key} ${value}`,
    ),
    action === undefined ? `lookup ${tableName(table)}` : (ACTIONS[String(action)] ?? `action ${action}`),
  ]
  return `ip rule ${priority} (${words.filter(word => word !== '').join(' ')})`
}

const FLAGS = ['nop', 'l3mdev', 'iif_detached', 'oif_detached']
const NAMES: Record<string, string> = { suppress_prefixlen: 'suppress_prefixlength' }

/** FR_ACT_… of linux/fib_rules.h. */
export const ACTIONS: Record<string, 'blackhole' | 'unreachable' | 'prohibit'> = {
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
}

export function tableName(table: number): string {
  return { [MAIN_TABLE]: 'main', [LOCAL_TABLE]: 'local' }[table] ?? String(table)
}

/** What has decided: `ip rule 5270 (from all lookup 52): default dev ts0`, or a route of the main table. */
export function printedDecision({ rule, route }: RouteDecision): string {
  if (route === null) return printedRule(rule)
  return rule.table === MAIN_TABLE
    ? `the route ${printedRoute(route)}`
    : `${printedRule(rule)}: ${printedRoute(route)}`
}
