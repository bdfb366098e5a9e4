import { namespaceOwner } from '../../kinds/namespace.ts'
import { routeId } from '../../kinds/network/desired-routes.ts'
import { defaultMetric, LOCAL_TABLE, MAIN_TABLE } from '../../model/host/rtnetlink.ts'
import type { Route, Snapshot } from '../../model/host/snapshot.ts'
import type { Json } from '../../model/plan/resource.ts'
import type { ImportedEntry, LeftOut } from './imported.ts'

/** Namespaces that nobody has marked, and why others are not among them. */
export function foundNamespaces(snapshot: Snapshot, leftOut: LeftOut): { names: string[]; notes: string[] } {
  const notes: string[] = []
  const names = Object.entries(snapshot.namespaces).flatMap(([name, { unreadable }]) => {
    if (namespaceOwner(snapshot, name) !== null) return []
    const why = unreadable ?? (NAMESPACE.test(name) && !RESERVED.includes(name) ? undefined : UNFIT)
    const left = leftOut.get(`namespace/${name}`)?.join('; ')
    if (why === undefined && left === undefined) return [name]
    notes.push(`namespace ${name}: ${why ?? left}`)
    return []
  })
  return { names, notes }
}

const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const RESERVED = ['host', 'outside']
const UNFIT = 'a topology cannot have a namespace of this name'

export function namespaceEntry(
  name: string,
  snapshot: Snapshot,
  led: ReadonlySet<Route>,
  leftOut: LeftOut,
): ImportedEntry {
  const routes = routesOf(name, snapshot).filter(
    route => !led.has(route) && sayable(route) && !leftOut.has(routeId(name, route)),
  )
  // Without them a resolv.conf would be written where the host's names only its own loopback.
  const nameservers = snapshot.host.loopbackResolver ? { nameservers: [] } : {}
  const items = routes.map(route => ({ about: routeId(name, route), value: routeValue(route) }))
  return {
    section: 'namespaces',
    about: `namespace/${name}`,
    name,
    value: { adopt: true, ...nameservers },
    ...(items.length > 0 ? { below: { key: 'routes', items } } : {}),
  }
}

const BY_HAND = [0, 3, 4]

/** Routes that somebody has set. */
function routesOf(name: string, snapshot: Snapshot): Route[] {
  return (snapshot.namespaces[name]?.routes ?? []).filter(
    ({ table, protocol, type }) =>
      table !== LOCAL_TABLE && BY_HAND.includes(protocol) && !['local', 'broadcast'].includes(type),
  )
}

function sayable({ table, type, multipath, source, via, dev }: Route): boolean {
  return (
    table === MAIN_TABLE &&
    ['unicast', 'blackhole', 'unreachable'].includes(type) &&
    !multipath &&
    source === null &&
    (via !== null || dev !== null || type !== 'unicast')
  )
}

function routeValue({ to, via, dev, metric, type, family }: Route): Json {
  const drops = type !== 'unicast'
  return {
    to,
    ...(via === null ? {} : { via }),
    ...(dev === null || drops ? {} : { dev }),
    ...(metric === defaultMetric(family) ? {} : { metric }),
    ...(drops ? { type } : {}),
  }
}

/** Routes that a topology cannot say. */
export function furtherRoutes(
  name: string,
  snapshot: Snapshot,
  led: ReadonlySet<Route>,
  leftOut: LeftOut,
): string[] {
  return routesOf(name, snapshot)
    .filter(route => !led.has(route) && (!sayable(route) || leftOut.has(routeId(name, route))))
    .map(({ to, via, dev, table, type }) =>
      [
        `route ${to} in namespace ${name}`,
        via === null ? '' : ` via ${via}`,
        dev === null ? '' : ` dev ${dev}`,
        table === MAIN_TABLE ? '' : ` table ${table}`,
        type === 'unicast' ? '' : ` ${type}`,
        ': not something a topology says; it stays',
      ].join(''),
    )
}
