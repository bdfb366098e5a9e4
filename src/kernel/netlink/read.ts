import { closeSync, openSync } from 'node:fs'
import { FEW_ROUTES, type NeededRoutes, routesLeftOut } from '../../model/host/needed-routes.ts'
import type { HostNetwork, RawNetwork, WantedOfNetworks } from '../read/ip.ts'
import { decodeLinks, decodeRoutes, decodeRules } from '../read/network.ts'
import type { Ids } from '../read/peers.ts'
import type { Libc } from './libc.ts'
import { printedLinks } from './links.ts'
import { attribute, attributesIn, GET } from './message.ts'
import { isNeeded } from './needed-route.ts'
import { FAMILY, printedRoutes, printedRules } from './routes.ts'
import { settingsOf } from './settings.ts'
import { openRouteSocket, type RouteSocket } from './socket.ts'

const DIRECTORY = '/run/netns'

/** The networks of the named namespaces, and which of them are `left` for `ip` to read. */
export interface Quick {
  networks: Map<string, RawNetwork>
  left: string[]
  /** The id of the host's namespace, as each of them knows it. */
  hostIds: Map<string, number>
}

/**
 * The same that `ip` is asked for, some thirty times faster: its answers are made up from the kernel's own, and decoded by
 * the same functions. What is not known to be the same to the letter is not read.
 */
export function readByNetlink(libc: Libc, names: string[], wants: WantedOfNetworks): Quick {
  const [networks, hostIds] = [new Map<string, RawNetwork>(), new Map<string, number>()]
  const host = openSync('/proc/thread-self/ns/net', 'r')
  try {
    for (const name of names) {
      const network = attempt(libc, `${DIRECTORY}/${name}`, socket => {
        const found = readNetwork(socket, { ...wants, rules6: soFar => wants.rules6(name, soFar) })
        hostIds.set(name, idOf(socket, host))
        return found
      })
      if (network !== null) networks.set(name, network)
    }
  } finally {
    closeSync(host)
  }
  return { networks, left: names.filter(name => !networks.has(name)), hostIds }
}

/**
 * The host's network, and its ids of the named namespaces; null where it is for `ip` to read. To ask for an id takes the
 * kernel as long as there are ids: where a pair leads from there to the host, that says it as well.
 */
export function readHostByNetlink(
  libc: Libc,
  { networks, left, hostIds }: Quick,
  kept: Map<string, RawNetwork>,
  { ipv6, routes }: { ipv6: boolean; routes: NeededRoutes | undefined },
): HostNetwork | null {
  return attempt(libc, null, socket => {
    const dumped = socket.dump(GET.link, LINKS)
    const network = readNetwork(socket, { rules6: () => ipv6, routes }, dumped)
    const outer = new Map(network.links.map(raw => [raw.link.index, raw]))
    const ids: Ids = new Map()
    for (const [name, { links }] of [...networks, ...kept]) {
      for (const { link, peerIndex, peerNamespaceId } of links) {
        const toHost = kept.has(name) || peerNamespaceId === hostIds.get(name)
        const end = toHost ? outer.get(peerIndex ?? 0) : undefined
        if (end?.peerIndex === link.index && end.peerNamespaceId !== null) ids.set(end.peerNamespaceId, name)
      }
    }
    for (const name of left) {
      const id = idOfFile(socket, `${DIRECTORY}/${name}`)
      if (id >= 0) ids.set(id, name)
    }
    return { ...network, ids, settings: settingsOf(dumped) }
  })
}

/** Whatever goes wrong here `ip` tells better. */
function attempt<T>(libc: Libc, path: string | null, read: (socket: RouteSocket) => T): T | null {
  try {
    const socket = openRouteSocket(libc, path)
    try {
      return read(socket)
    } finally {
      socket.close()
    }
  } catch {
    return null
  }
}

/** Statistics are left out: they are most of what there is of a link. */
const LINKS = Buffer.concat([Buffer.alloc(16), attribute(29, 8)])

function readNetwork(
  socket: RouteSocket,
  wants: { rules6(network: RawNetwork): boolean; routes: NeededRoutes | undefined },
  dumped = socket.dump(GET.link, LINKS),
): RawNetwork {
  const links = printedLinks(dumped, socket.dump(GET.address, Buffer.alloc(8)))
  const names = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]))
  const { found, leftOut } = routesOf(socket, wants.routes)
  const network: RawNetwork = {
    links: decodeLinks(links),
    routes: decodeRoutes(printedRoutes(found, names)),
    rules: decodeRules(rulesOf(socket, FAMILY.ipv4), 'ipv4'),
    ...routesLeftOut(leftOut, wants.routes),
  }
  if (wants.rules6(network)) network.rules.push(...decodeRules(rulesOf(socket, FAMILY.ipv6), 'ipv6'))
  return network
}

function routesOf(socket: RouteSocket, needed: NeededRoutes | undefined) {
  const [type, body] = [GET.route, Buffer.alloc(12)]
  if (needed === undefined) return { found: socket.dump(type, body), leftOut: 0 }
  return socket.dumpSome(type, body, {
    few: FEW_ROUTES,
    keeps: (bytes, at, end) => isNeeded(bytes, at, end, needed),
  })
}

function rulesOf(socket: RouteSocket, family: number) {
  return printedRules(socket.dump(GET.rule, Buffer.from([family, ...Buffer.alloc(11)])))
}

const [NETNSA_NSID, NETNSA_FD] = [1, 3]

/** Below 0 where there is none. */
function idOf(socket: RouteSocket, namespace: number): number {
  const body = Buffer.concat([Buffer.alloc(4), attribute(NETNSA_FD, namespace)])
  const answer = socket.ask(GET.namespaceId, body)
  return (answer && attributesIn(answer.body, 1).get(NETNSA_NSID)?.readInt32LE()) ?? -1
}

function idOfFile(socket: RouteSocket, path: string): number {
  const descriptor = openSync(path, 'r')
  try {
    return idOf(socket, descriptor)
  } finally {
    closeSync(descriptor)
  }
}
