import {
  addressOf,
  cidr,
  FAMILIES,
  type Family,
  formatCidr,
  isLinkLocal,
  networkOf,
} from '../model/address.ts'
import type { Link, Snapshot } from '../model/host/snapshot.ts'
import { isNsctlGroup, readMark } from '../model/ownership.ts'
import { waysOut } from '../model/routing/outside.ts'
import { printedDecision } from '../model/routing/printed.ts'
import { listOf } from '../model/text/phrases.ts'
import { diversionOf, remedyFor, whereTo } from '../planner/findings/routing/diverted.ts'
import { liveUplinks } from '../planner/live-uplinks.ts'
import { type Check, type CheckFinding, problem } from './finding.ts'

/** Where packets to the outside really go, and whether those of topologies come through. */
export const routing: Check = {
  name: 'routing',
  state: ({ snapshot }) => {
    if (snapshot === null) return null
    const ways = FAMILIES.flatMap(family => waysOut(snapshot.host, { family, source: null, input: '*' }))
    const devs = [...new Set(ways.flatMap(({ dev }) => dev ?? []))]
    return devs.length === 0 ? 'no way to the outside' : `to the outside through ${listOf(devs, 6)}`
  },
  findings: ({ snapshot }) =>
    snapshot === null
      ? []
      : ownNetworks(snapshot).flatMap(own => [...diverted(own, snapshot), ...elsewhere(own, snapshot)]),
}

interface OwnNetwork {
  topology: string
  family: Family
  network: string
  /** Of the host. */
  address: string
  input: string
}

/** The networks of topologies that the host has an address in. */
function ownNetworks({ host }: Snapshot): OwnNetwork[] {
  return host.links.filter(({ group }) => isNsctlGroup(group)).flatMap(networksOf)
}

function networksOf({ name, alias, addresses }: Link): OwnNetwork[] {
  const topology = readMark(alias)?.topology
  if (topology === undefined) return []
  return addresses
    .map(({ address }) => cidr(address))
    .filter(value => !isLinkLocal(value))
    .map(value => ({
      ...{ topology, family: value.family, input: name },
      network: formatCidr(networkOf(value)),
      address: addressOf(formatCidr(value)),
    }))
}

function diverted(
  { topology, family, network, address, input }: OwnNetwork,
  snapshot: Snapshot,
): CheckFinding[] {
  const somebody = neighbourOf(address)
  const uplinks = liveUplinks(snapshot, topology, { family, network })
  const found = diversionOf(snapshot.host, { family, network, address: somebody, input }, uplinks)
  if (found === null) return []
  const { decision, always } = found
  return [
    problem(
      'routed-elsewhere',
      network,
      `packets to ${network} of ${topology} are routed ${whereTo(decision)}, not to ${input}: by ${printedDecision(decision)}`,
      `${always ? 'nothing' : 'not everything'} reaches its namespaces, and what they send is dropped where the way back leads elsewhere`,
      remedyFor(decision, family, network),
    ),
  ]
}

function elsewhere(
  { topology, family, network, address, input }: OwnNetwork,
  snapshot: Snapshot,
): CheckFinding[] {
  const uplinks = liveUplinks(snapshot, topology, { family, network })
  if (uplinks.length === 0) return []
  const ways = waysOut(snapshot.host, { family, source: neighbourOf(address), input })
  const [astray] = ways.filter(({ dev }) => dev !== null && !uplinks.includes(dev))
  if (!astray) return []
  return [
    problem(
      'leaves-elsewhere',
      network,
      `what ${network} of ${topology} sends to the outside is routed to ${astray.dev}, no uplink of it: by ${printedDecision(astray.decision)}`,
      `it is dropped there: only ${uplinks.join(', ')} may be left through`,
      `add ${astray.dev} to uplinks, or lead it through one of them: the plan of its file says how`,
    ),
  ]
}

/** An address beside the host's: routing asks for the network, rules may ask for the host's own. */
function neighbourOf(address: string): string {
  const value = cidr(address)
  return addressOf(formatCidr({ ...value, address: value.address ^ 1n }))
}
