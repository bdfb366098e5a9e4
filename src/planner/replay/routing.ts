import { cidr, contains, isLinkLocal, networkOf } from '../../model/address.ts'
import type { IpCommand, RouteCommand, RuleSelector } from '../../model/command/ip.ts'
import { FROM_KERNEL, LOCAL_TABLE, rulesAtBirth } from '../../model/host/rtnetlink.ts'
import type { Link, PolicyRule, Route } from '../../model/host/snapshot.ts'
import { isKernelRoute } from './addresses.ts'
import type { NamedNetwork } from './scope.ts'

interface Part {
  commands: IpCommand[]
  omitted: string[]
}

/** Those that the kernel makes with addresses come by themselves; gateways are reached by what stands in front. */
export function routeCommands([namespace, { routes, links }]: NamedNetwork): Part {
  const wanted = routes
    .filter(route => route.table !== LOCAL_TABLE && !isKernelRoute(route) && !isKernelLinkRoute(route))
    .toSorted((a, b) => Number(a.via !== null) - Number(b.via !== null))
  const isDown = ({ dev }: Route) => links.some(({ name, up }) => name === dev && !up)
  return {
    commands: wanted
      .filter(route => !route.multipath && !isDown(route))
      .map(route => addRoute(namespace, links, route)),
    omitted: wanted
      .filter(({ multipath }) => multipath)
      .map(({ to }) => `route ${to} in ${namespace}: it has several next hops`),
  }
}

/** fe80::/64 and its like, with any metric. */
function isKernelLinkRoute({ family, protocol, to }: Route): boolean {
  return family === 'ipv6' && protocol === FROM_KERNEL && /^(fe80|ff00)::/.test(to)
}

function addRoute(namespace: string, links: Link[], route: Route): RouteCommand {
  const { to, via, dev, table, protocol, metric, type, source } = route
  return {
    ...{ tool: 'ip', namespace, op: 'route-add', to, type, via, table, protocol, metric },
    dev: UNREACHABLE.includes(type) ? null : dev,
    ...(via === null || isNeighbour(links, dev, via) ? {} : { onlink: true }),
    ...(source === null ? {} : { source }),
  }
}

/** Of a gateway that no address of the link explains, the snapshot does not know how it was said to be a neighbour. */
function isNeighbour(links: Link[], dev: string | null, via: string): boolean {
  const gateway = cidr(via)
  const addresses = links.find(({ name }) => name === dev)?.addresses ?? []
  return isLinkLocal(gateway) || addresses.some(({ address }) => contains(networkOf(cidr(address)), gateway))
}

/** A namespace is born with the three default rules, each of which somebody may have taken away. */
export function ruleCommands([namespace, { rules }]: NamedNetwork): Part {
  const families = [...new Set(rules.map(({ family }) => family))]
  const missing = families.flatMap(family =>
    rulesAtBirth(family)
      .filter(({ priority }) => !rules.some(rule => rule.family === family && rule.priority === priority))
      .map(({ priority }): IpCommand => ({ tool: 'ip', namespace, op: 'rule-delete', family, priority })),
  )
  const added = rules.filter(
    ({ family, priority, from }) =>
      from !== 'all' || !rulesAtBirth(family).some(born => born.priority === priority),
  )
  const parts = added.map(rule => ({ rule, selector: selectorOf(rule) }))
  return {
    commands: parts
      .flatMap(({ rule: { family, table, priority, protocol }, selector }): IpCommand[] =>
        selector === null
          ? []
          : [{ tool: 'ip', namespace, op: 'rule-add', family, selector, table, priority, protocol }],
      )
      .concat(missing),
    omitted: parts.flatMap(({ rule, selector }) =>
      selector === null
        ? [`rule ${rule.priority} in ${namespace}: ${Object.keys(rule.selector).join(', ')}`]
        : [],
    ),
  }
}

/** Null for what a rule does besides looking up a table, and for what is not known here. */
function selectorOf({ from, selector, table }: PolicyRule): RuleSelector | null {
  const { not, fwmark, fwmask, dst, dstlen, iif, oif, tos, iif_detached, oif_detached, ...others } = selector
  if (table === 0 || Object.keys(others).length > 0) return null
  return {
    ...(not === undefined ? {} : { not: true }),
    from,
    ...(dst === undefined ? {} : { to: dstlen === undefined ? String(dst) : `${dst}/${dstlen}` }),
    ...(fwmark === undefined
      ? {}
      : { fwmark: fwmask === undefined ? String(fwmark) : `${fwmark}/${fwmask}` }),
    ...(iif === undefined ? {} : { iif: String(iif) }),
    ...(oif === undefined ? {} : { oif: String(oif) }),
    ...(tos === undefined ? {} : { tos: String(tos) }),
  }
}

const UNREACHABLE: Route['type'][] = ['blackhole', 'unreachable', 'prohibit', 'throw']
