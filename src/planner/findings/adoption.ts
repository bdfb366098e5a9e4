import { linkNamed } from '../../model/host/by-name.ts'
import { networkIn } from '../../model/host/scope.ts'
import type { Link, Snapshot } from '../../model/host/snapshot.ts'
import { readMark } from '../../model/ownership.ts'
import type { Finding } from '../../model/plan/plan.ts'
import type { End, Topology, Veth } from '../../model/topology.ts'
import { error } from './finding.ts'

/**
 * What was adopted is somebody else's still. A file that no longer says so would make nsctl its owner without a word,
 * and destroy would delete it.
 */
export function adoptionFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  const adoptedLink = (scope: string, name: string) => {
    const links = networkIn(snapshot, scope)?.links ?? []
    return isAdopted(topology, linkNamed(links, name)?.alias)
  }
  const namespaces = topology.namespaces
    .filter(({ name, adopt }) => !adopt && adoptedLink(name, 'lo'))
    .map(({ name, source }) => forgotten(topology, name, `namespace ${name}`, source))
  const pairs = topology.veths
    .filter(({ adopt, ends }) => !adopt && ends.some(end => adoptedLink(end.namespace, end.interface)))
    .map(({ ends, source }) => {
      const [a, b] = ends.map(end => `${end.namespace}:${end.interface}`)
      return forgotten(topology, `${a}`, `the pair ${a}, ${b}`, source)
    })
  return [...namespaces, ...pairs]
}

function isAdopted(topology: Topology, alias: string | null | undefined): boolean {
  const mark = readMark(alias ?? null)
  return mark?.topology === topology.name && mark.adopted
}

function forgotten(topology: Topology, subject: string, what: string, source: Finding['source']): Finding {
  return error(
    'adopted-before',
    subject,
    `${what} was adopted, and the file does not say so any more`,
    [
      'nsctl would own it from now on, and destroy would delete it: write adopt: true again',
      `or give it back first: nsctl destroy ${topology.name}`,
    ],
    source,
  )
}

/** Why an end that the file adopts cannot be. A group or an alias that somebody put on it is theirs, and would be written over. */
export function adoptable(topology: Topology, veth: Veth, end: End, live: Link): Finding[] {
  const other = veth.ends.find(candidate => candidate !== end)
  const { peer } = live
  if (other && (peer?.namespace !== other.namespace || peer.interface !== other.interface)) {
    return [
      error(
        'adopt-mismatch',
        live.name,
        `the other end of ${live.name} is not ${other.namespace}:${other.interface}`,
        [`it is ${peer?.namespace ?? 'in a namespace without a name'}:${peer?.interface ?? '?'}`],
        end.source,
      ),
    ]
  }
  const segment = topology.subnets.find(({ name }) => name === veth.subnet)?.bridge ?? null
  if (end.namespace === 'host' && segment !== null && live.master !== null && live.master !== segment) {
    return [
      error(
        'adopt-port',
        live.name,
        `interface ${live.name} is a port of ${live.master}`,
        [
          `a port of ${segment} is what the file makes it: take it out first: ip link set dev ${live.name} nomaster`,
        ],
        end.source,
      ),
    ]
  }
  if (live.group === 0 && (live.alias ?? '') === '') return []
  return [
    error(
      'adopt-marked',
      live.name,
      `interface ${live.name} bears somebody else's group or alias`,
      [`group ${live.group}, alias ${JSON.stringify(live.alias ?? '')}: clear both to let nsctl adopt it`],
      end.source,
    ),
  ]
}
