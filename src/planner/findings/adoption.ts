import { readMark } from '../../model/ownership.ts'
import type { Finding } from '../../model/plan.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Topology } from '../../model/topology.ts'
import { error } from './finding.ts'

/**
 * What was adopted is somebody else's still. A file that no longer says so would make nsctl its owner without a word,
 * and destroy would delete it.
 */
export function adoptionFindings(topology: Topology, snapshot: Snapshot): Finding[] {
  const adoptedLink = (scope: string, name: string) => {
    const state = scope === 'host' ? snapshot.host : snapshot.namespaces[scope]
    return isAdopted(topology, state?.links.find(link => link.name === name)?.alias)
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
