import { hasKernelsLinkLocal, isIpv6LinkLocal } from '../../kinds/link/link-local.ts'
import { cidr, formatCidr, networkOf } from '../../model/address.ts'
import type { Command } from '../../model/command/command.ts'
import { connectedMetric, FROM_KERNEL, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Link, LinkAddress, Route } from '../../model/host/snapshot.ts'
import type { NamedNetwork } from './scope.ts'

/** Without duplicate address detection: nobody else is there, and a tentative address cannot be used. */
export function addressCommands([namespace, { links, routes }]: NamedNetwork): Command[] {
  return links.flatMap(link =>
    link.addresses
      .filter(address => !isTheKernels(link, address))
      .map(
        ({ address, scope }): Command => ({
          ...{ tool: 'ip', namespace, op: 'address-add', address, dev: link.name, scope },
          ...(address.includes(':') ? { nodad: true } : {}),
          ...(isConnected(routes, link, address) ? {} : { noprefixroute: true }),
        }),
      ),
  )
}

function isTheKernels(link: Link, { address }: LinkAddress): boolean {
  if (link.name === 'lo') return link.up && ['127.0.0.1/8', '::1/128'].includes(address)
  return link.up && isIpv6LinkLocal(address) && hasKernelsLinkLocal(link)
}

/** Whether the address brought its route with it: network managers add one of their own instead. A single one has none. */
function isConnected(routes: Route[], { name, up }: Link, address: string): boolean {
  const network = networkOf(cidr(address))
  const to = formatCidr(network)
  const single = network.family === 'ipv4' && network.prefix === 32
  return single || !up || routes.some(route => route.dev === name && route.to === to && isKernelRoute(route))
}

/** A route that comes with an address: of the kernel, in the main table, with the metric that nobody gave. */
export function isKernelRoute({ family, table, protocol, metric }: Route): boolean {
  return protocol === FROM_KERNEL && table === MAIN_TABLE && metric === connectedMetric(family)
}
