import { bracketed, formatAddress, parseAddress } from '../../model/address.ts'
import { listOf } from '../../model/text/phrases.ts'
import type { Expectation } from '../../model/topology.ts'
import { type Draft, numbered } from '../parse/draft.ts'
import { didYouMean } from '../parse/nearest.ts'
import { whyNoAddress } from '../parse/patterns.ts'
import { parsePorts } from '../parse/ports.ts'
import type { Spot } from '../parse/report.ts'
import type { Path } from '../parse/tree.ts'
import { HOST } from './ends.ts'

const OUTSIDE = 'outside'

export function readExpectations(draft: Draft): Expectation[] {
  return numbered(draft.file.expect).flatMap(([index, text]) => {
    const path = ['expect', index]
    const known = text.from === OUTSIDE || checkPlace(text.from, { path: [...path, 'from'] }, draft)
    const protocol = text.protocol ?? 'tcp'
    const to = readTo(text.to, protocol, [...path, 'to'], draft)
    const { reachable = true, open = false } = text
    if (open && text.reachable !== undefined)
      draft.report.error('open-and-reachable', ...eitherOr(path, reachable))
    if (!known || to === null) return []
    return [
      {
        from: text.from,
        to,
        protocol,
        reachable,
        open,
        source: draft.report.sourceOf(path),
      },
    ]
  })
}

function eitherOr(path: Path, reachable: boolean): [Spot, ...string[]] {
  const spot = { path: [...path, 'open'], key: true } as const
  return reachable
    ? [spot, 'keep open: true where only the path counts, or reachable: true where something has to answer']
    : [spot, 'keep reachable: false where nothing may answer, or open: true where the path has to be open']
}

/** Returns the canonical form, `netns1:8080`, `192.0.2.1:53`, `[2001:db8::1]:53`; for icmp without port. */
function readTo(text: string, protocol: Expectation['protocol'], path: Path, draft: Draft): string | null {
  const { place, port, start } = splitTo(text)
  const at: Spot = { path, part: [start, start + place.length] }
  if (protocol === 'icmp' && port !== null) {
    draft.report.error(
      'icmp-with-port',
      { path, part: [text.length - port.length, text.length] },
      'ICMP has no ports: leave it out',
    )
  }
  if (protocol !== 'icmp' && port === null) {
    draft.report.error(
      'port-missing',
      path,
      `${protocol} needs a port: ${text}:80`,
      'to ping, say protocol: icmp',
    )
  }
  if (port !== null && !parsePorts(port, { path, part: [text.length - port.length, text.length] }, draft))
    return null
  const suffix = port === null ? '' : `:${port}`
  const address = draft.names.namespaces.has(place) ? null : parseAddress(place)
  if (address) return `${bracketed(formatAddress(address))}${suffix}`
  if (/^[\d.]+$/.test(place) || place.includes(':')) {
    draft.report.error('invalid-address', at, ...whyNoAddress(place))
    return null
  }
  return checkPlace(place, at, draft) ? `${place}${suffix}` : null
}

function splitTo(text: string): { place: string; port: string | null; start: number } {
  const bracketed = /^\[(.*)\](?::(\d+))?$/.exec(text)
  if (bracketed) return { place: bracketed[1] ?? '', port: bracketed[2] ?? null, start: 1 }
  if (parseAddress(text)) return { place: text, port: null, start: 0 }
  const plain = /^([^:]*)(?::(\d+))?$/.exec(text)
  return { place: plain?.[1] ?? text, port: plain?.[2] ?? null, start: 0 }
}

function checkPlace(name: string, at: Spot, { names, report }: Draft): boolean {
  if (name === HOST || names.namespaces.has(name)) return true
  report.error(
    'unknown-place',
    at,
    ...didYouMean(name, name === OUTSIDE ? [] : [...names.namespaces, HOST, OUTSIDE]),
    `declared namespaces: ${listOf(names.namespaces)}; host is the host itself`,
    ...(name === OUTSIDE ? ['for a machine outside write its address'] : []),
  )
  return false
}
