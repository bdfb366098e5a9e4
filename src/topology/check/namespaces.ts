import { addressOf, type Cidr, cidr, formatAddress, networkOf, parseAddress } from '../../model/address.ts'
import type { DeclaredRoute, Namespace, Veth } from '../../model/topology.ts'
import type { Draft } from '../parse/draft.ts'
import type { Namespace as NamespaceText } from '../parse/file.ts'
import { whyNoAddress } from '../parse/patterns.ts'
import { HOST } from './ends.ts'
import { readRoutes, type Surroundings } from './routes.ts'
import type { Segment } from './subnets.ts'
import { readSysctls } from './sysctls.ts'

/** More are ignored by the resolver of the C library. */
const MOST_NAMESERVERS = 3

export function readNamespaces(draft: Draft, veths: Veth[], segments: Map<string, Segment>): Namespace[] {
  const places = surroundings(veths, segments)
  return Object.entries(draft.file.namespaces ?? {}).map(([name, text]) => {
    const known = places.get(name) ?? { interfaces: new Map(), own: new Set(), open: false }
    // An adopted namespace may hold interfaces that the file does not know.
    const open = text.adopt === true || draft.incomplete.has('veths') || draft.incomplete.has('subnets')
    return {
      name,
      nameservers: readNameservers(name, text, draft),
      search: text.search ?? [],
      sysctls: readSysctls(name, text, [...known.interfaces.keys()], draft),
      routes: readRoutes(text.routes, ['namespaces', name, 'routes'], { ...known, open }, draft),
      adopt: text.adopt ?? false,
      source: draft.report.sourceOf({ path: ['namespaces', name], key: true }),
    }
  })
}

/** The host has interfaces that no file names: only its own ends are known. */
export function readHostRoutes(draft: Draft, veths: Veth[], segments: Map<string, Segment>): DeclaredRoute[] {
  const known = surroundings(veths, segments).get(HOST) ?? {
    interfaces: new Map(),
    own: new Set(),
    open: true,
  }
  return readRoutes(draft.file.host?.routes, ['host', 'routes'], { ...known, open: true }, draft)
}

function surroundings(veths: Veth[], segments: Map<string, Segment>): Map<string, Surroundings> {
  const places = new Map<string, Surroundings>()
  for (const veth of veths) {
    const segment = veth.subnet === null ? undefined : segments.get(veth.subnet)
    for (const end of veth.ends) {
      const place = places.get(end.namespace) ?? {
        interfaces: new Map<string, Cidr[]>(),
        own: new Set<string>(),
        open: false,
      }
      places.set(end.namespace, place)
      const atBridge = end.namespace === HOST ? (segment?.subnet.bridge ?? null) : null
      const networks = segment?.networks ?? end.addresses.map(text => networkOf(cidr(text)))
      place.interfaces.set(atBridge ?? end.interface, networks)
      for (const address of end.addresses) place.own.add(addressOf(address))
    }
  }
  return places
}

function readNameservers(name: string, text: NamespaceText, { report }: Draft): string[] | null {
  if (text.nameservers === undefined) return null
  const path = ['namespaces', name, 'nameservers']
  if (text.nameservers.length > MOST_NAMESERVERS) {
    report.warning(
      'too-many-nameservers',
      [...path, MOST_NAMESERVERS],
      `resolvers ask the first ${MOST_NAMESERVERS} only`,
    )
  }
  const servers: string[] = []
  text.nameservers.forEach((written, index) => {
    const server = parseAddress(written)
    if (server) servers.push(formatAddress(server))
    else report.error('invalid-address', [...path, index], ...whyNoAddress(written))
  })
  return servers
}
