import { type ReadRule, readRule } from '../firewall/read-rule.ts'
import type { Family } from '../model/address.ts'
import type { ForgetFlows } from '../model/command/conntrack.ts'
import type { Operation } from '../model/plan.ts'
import type { Difference } from './diff.ts'

/**
 * Connections that go by rules which are gone: the kernel keeps them, with the address it once translated them to, until
 * they end by themselves. Exactly those are forgotten, and for a new UDP port those that had found it closed.
 */
export function forgottenFlows(differences: Difference[]): { operation: Operation; change: string }[] {
  const chains = differences.filter(({ change }) => change.kind === 'chain')
  const rulesOf = (side: 'before' | 'after') =>
    chains.flatMap(({ change }) => {
      const attributes = change[side]
      const family = attributes?.family as Family
      const texts = (attributes?.rules as string[] | undefined) ?? []
      const fromOutside = isFromOutside(String(attributes?.name), texts)
      return texts.map(text => ({ text, family, fromOutside, change: change.id }))
    })
  const [before, after] = [rulesOf('before'), rulesOf('after')]
  // A rule that moves to another chain of a tree is neither gone nor new.
  const [kept, was] = [keysOf(after), keysOf(before)]
  const gone = before.filter(rule => !isKept(rule, kept))
  const fresh = after.filter(rule => !was.has(keyOf(rule)))
  const commands = [
    ...gone.flatMap(({ text, family, change }) =>
      staleBy(text, family).map(command => ({ command, change })),
    ),
    ...fresh.flatMap(({ text, family, change }) =>
      [...deafTo(text, family), ...barredBy(text, family)].map(command => ({ command, change })),
    ),
  ]
  return commands.map(({ command, change }) => ({ operation: { stage: 'forget', command }, change }))
}

interface Rule {
  text: string
  family: Family
  /** Whether packets from outside come by it: those that are restricted come another way than the namespaces'. */
  fromOutside: boolean
}

function isFromOutside(chain: string, rules: string[]): boolean {
  if (/-L[0-9A-F]+$/.test(chain)) return false
  return !chain.endsWith('-DST') || !rules.some(text => /-OPN$/.test(text))
}

/** For whom it is still there: as it was, for everybody, or now without the restrictions it had. */
function isKept(rule: Rule, after: Set<string>): boolean {
  const wider = rule.text.replace(/(^| )-[si] \S+/g, '').trim()
  const isDnat = / -j DNAT /.test(rule.text)
  return [rule.text, ...(isDnat ? [wider] : [])].some(
    text =>
      after.has(keyOf({ ...rule, text, fromOutside: true })) ||
      (!rule.fromOutside && after.has(keyOf({ ...rule, text }))),
  )
}

function keyOf({ text, family, fromOutside }: Rule): string {
  return `${family} ${fromOutside ? 'outside' : 'inside'} ${text}`
}

function keysOf(rules: Rule[]): Set<string> {
  return new Set(rules.map(keyOf))
}

/** Flows that a rule, now gone, had let through or translated. */
function staleBy(text: string, family: Family): ForgetFlows[] {
  const { protocol, source, destination, port, target } = readRule(text)
  const of = (
    match: Record<string, string | undefined>,
    to: ForgetFlows['destination'] = null,
  ): ForgetFlows => ({
    tool: 'conntrack',
    family,
    match: Object.fromEntries(
      Object.entries(match).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
    destination: to,
  })
  if (target?.kind === 'DNAT') {
    return portsOf(port).map(offset =>
      of(
        {
          protonum: protocol,
          'orig-src': source,
          'orig-port-dst': portAt(port?.[0], offset),
          'reply-src': target.address,
          'reply-port-src': portAt(target.port, offset),
        },
        destination ?? null,
      ),
    )
  }
  if (target?.kind === 'MASQUERADE' && source !== undefined && / -o /.test(text))
    return [of({ 'orig-src': source })]
  const fromSomewhere = source !== undefined || /(^| )-i /.test(text)
  if (target?.kind === 'RETURN' && destination !== undefined && fromSomewhere) {
    return portsOf(port).map(offset =>
      of({
        protonum: protocol,
        'orig-src': source,
        'orig-dst': destination,
        'orig-port-dst': portAt(port?.[0], offset),
      }),
    )
  }
  return []
}

/** What left through an uplink that its subnet may not use any more; conntrack does not tell through which it left. */
function barredBy(text: string, family: Family): ForgetFlows[] {
  const { source, target } = readRule(text)
  if (target?.kind !== 'DROP' || source === undefined || !/ -o /.test(text)) return []
  return [{ tool: 'conntrack', family, match: { 'orig-src': source }, destination: null }]
}

/** UDP that was sent to a port before it was published is remembered as not translated. */
function deafTo(text: string, family: Family): ForgetFlows[] {
  const { protocol, destination, port, target } = readRule(text)
  if (target?.kind !== 'DNAT' || protocol !== 'udp') return []
  return portsOf(port).map(offset => {
    const at = portAt(port?.[0], offset)
    return {
      tool: 'conntrack',
      family,
      match: { protonum: 'udp', ...(at === undefined ? {} : { 'orig-port-dst': at }) },
      destination: destination ?? 'local',
    }
  })
}

/** So many ports are forgotten one by one; for more, whatever the port. */
const WIDE = 512

/** Offsets into a range of ports; null stands for all of them at once. */
function portsOf(range: ReadRule['port']): (number | null)[] {
  if (!range) return [null]
  const [first, last] = range
  const count = last - first + 1
  return count > WIDE ? [null] : Array.from({ length: count }, (_, i) => i)
}

function portAt(first: number | undefined, offset: number | null): string | undefined {
  return first === undefined || offset === null ? undefined : String(first + offset)
}
