import { listOf } from '../../model/text/phrases.ts'
import type { Allow, AllowPeer } from '../../model/topology.ts'
import { type Draft, listed, numbered } from '../parse/draft.ts'
import type { Allow as AllowText } from '../parse/file.ts'
import { didYouMean } from '../parse/nearest.ts'
import { mergePorts, parsePorts } from '../parse/ports.ts'
import type { Path } from '../parse/tree.ts'
import { HOST } from './ends.ts'

const PROTOCOLS = ['tcp', 'udp', 'sctp', 'icmp'] as const

export function readAllows(draft: Draft): Allow[] {
  return numbered(draft.file.allow).flatMap(([index, text]) => {
    const path = ['allow', index]
    const from = readPeer(text.from, 'from', path, draft)
    const to = readPeer(text.to, 'to', path, draft)
    if (from && to && text.from === text.to) {
      draft.report.error(
        'allow-to-itself',
        [...path, 'to'],
        'what is in one subnet on a bridge reaches each other anyway',
      )
    }
    const protocols = readProtocols(text, path, draft)
    const ports = (text.ports ?? []).flatMap(
      (port, item) => parsePorts(port, { path: [...path, 'ports', item] }, draft) ?? [],
    )
    if (!from || !to) return []
    return [{ from, to, protocols, ports: mergePorts(ports), source: draft.report.sourceOf(path) }]
  })
}

function readPeer(name: string, key: 'from' | 'to', path: Path, { names, report }: Draft): AllowPeer | null {
  if (names.subnets.has(name)) return { kind: 'subnet', name }
  if (names.namespaces.has(name)) return { kind: 'namespace', name }
  const at = [...path, key]
  if (name === 'outside') {
    if (key === 'from') return { kind: 'outside' }
    report.error(
      'allow-to-outside',
      at,
      'what may leave is said by uplinks, of the topology and of its subnets',
    )
    return null
  }
  const hint =
    name === HOST
      ? ['what may reach services of the host is said by host-access of a subnet']
      : didYouMean(name, [...names.subnets, ...names.namespaces, ...(key === 'from' ? ['outside'] : [])])
  report.error(
    'unknown-peer',
    at,
    ...hint,
    `declared subnets: ${listOf(names.subnets)}`,
    `declared namespaces: ${listOf(names.namespaces)}${key === 'from' ? '; outside is everything beyond the uplinks' : ''}`,
  )
  return null
}

/** Ports mean nothing to ICMP, so with them TCP is meant, as with forwards. */
function readProtocols({ protocol, ports }: AllowText, path: Path, { report }: Draft): Allow['protocols'] {
  if (protocol === undefined) return ports === undefined ? [...PROTOCOLS] : ['tcp']
  const chosen = PROTOCOLS.filter(one => listed(protocol).includes(one))
  if (ports !== undefined && chosen.includes('icmp')) {
    report.error('icmp-with-port', [...path, 'ports'], 'ICMP has no ports: allow it in an entry of its own')
  }
  return chosen
}
