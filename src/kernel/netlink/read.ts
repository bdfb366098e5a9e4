import { closeSync, openSync } from 'node:fs'
import type { Ids } from '../peers.ts'
import type { RawNetwork, WantsRules6 } from '../read-ip.ts'
import { decodeLinks, decodeRoutes, decodeRules } from '../read-network.ts'
import type { Libc } from './libc.ts'
import { printedLinks } from './links.ts'
import { attribute, attributesIn, GET, type Message } from './message.ts'
import { FAMILY, printedRoutes, printedRules } from './routes.ts'
import { openRouteSocket, type RouteSocket } from './socket.ts'

const DIRECTORY = '/run/netns'

/**
 * The same that `ip` is asked for, some thirty times faster: its answers are made up from the kernel's own, and decoded by
 * the same functions. What is not known to be the same to the letter is not read: whoever is `left` is for `ip` to read.
 */
export function readByNetlink(
  libc: Libc,
  names: string[],
  wantsRules6: WantsRules6,
): { networks: Map<string, RawNetwork>; left: string[] } {
  const networks = new Map<string, RawNetwork>()
  for (const name of names) {
    const network = attempt(libc, `${DIRECTORY}/${name}`, socket => {
      return readNetwork(socket, found => wantsRules6(name, found))
    })
    if (network !== null) networks.set(name, network)
  }
  return { networks, left: names.filter(name => !networks.has(name)) }
}

/** The host's network, and its ids of the named namespaces; null where it is for `ip` to read. */
export function readHostByNetlink(
  libc: Libc,
  names: string[],
  ipv6: boolean,
): (RawNetwork & { ids: Ids }) | null {
  return attempt(libc, null, socket => {
    const network = readNetwork(socket, () => ipv6)
    // To list a link is what makes the kernel give an id to the namespace of its other end.
    return { ...network, ids: new Map(names.flatMap(name => idOf(socket, name))) }
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

function readNetwork(socket: RouteSocket, wantsRules6: (network: RawNetwork) => boolean): RawNetwork {
  const links = printedLinks(socket.dump(GET.link, LINKS), socket.dump(GET.address, Buffer.alloc(8)))
  const names = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]))
  const routes = printedRoutes(socket.dump(GET.route, Buffer.alloc(12)), names)
  const network = {
    links: decodeLinks(links),
    routes: decodeRoutes(routes),
    rules: decodeRules(rulesOf(socket, FAMILY.ipv4), 'ipv4'),
  }
  if (wantsRules6(network)) network.rules.push(...decodeRules(rulesOf(socket, FAMILY.ipv6), 'ipv6'))
  return network
}

function rulesOf(socket: RouteSocket, family: number) {
  return printedRules(socket.dump(GET.rule, Buffer.from([family, ...Buffer.alloc(11)])))
}

const [NETNSA_NSID, NETNSA_FD] = [1, 3]

function idOf(socket: RouteSocket, name: string): [number, string][] {
  const descriptor = openSync(`${DIRECTORY}/${name}`, 'r')
  try {
    const body = Buffer.concat([Buffer.alloc(4), attribute(NETNSA_FD, descriptor)])
    const id = idIn(socket.ask(GET.namespaceId, body))
    return id < 0 ? [] : [[id, name]]
  } finally {
    closeSync(descriptor)
  }
}

function idIn(answer: Message | null): number {
  return (answer && attributesIn(answer.body, 1).get(NETNSA_NSID)?.readInt32LE()) ?? -1
}
