import type { NftHook } from '../../model/host/network-stack.ts'
import { counted } from '../../model/text/phrases.ts'
import { failed, isAnswer, rewrite, type Transit } from '../transit.ts'
import { supposed, type WalkEnd, type Walking } from '../world.ts'
import { traverse } from './chains.ts'

type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

/** Tables that have the hook, in the kernel's order; translation of either end happens at one of two places. */
const TABLES: Record<Hook, string[]> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
}

/** Takes a packet through one hook: both variants of iptables, and what else hooks in there. Null: it came through. */
export function* passHook(transit: Transit, hook: Hook): Walking<WalkEnd | null> {
  for (const table of TABLES[hook]) {
    const end = table === 'nat' ? yield* translateAt(transit, hook) : yield* filterAt(transit, hook, table)
    if (end !== null) return end
  }
  return foreignHooks(transit, hook)
}

function* filterAt(transit: Transit, hook: Hook, table: string): Walking<WalkEnd | null> {
  for (const ruleset of transit.place.rulesets) {
    const end = yield* traverse(transit, ruleset, table, hook)
    if (end !== null) return end
  }
  return null
}

/** The first packet of a connection asks the rules, once for each end; all others do as it did. */
function* translateAt(transit: Transit, hook: Hook): Walking<WalkEnd | null> {
  const { connection, place } = transit
  if (connection === null) return null
  const end = hook === 'PREROUTING' || hook === 'OUTPUT' ? 'destination' : 'source'
  const done = end === 'destination' ? 'destinationDone' : 'sourceDone'
  if (isAnswer(transit)) return turnBack(transit, end)
  if (connection[done]) {
    repeat(transit, end)
    return null
  }
  for (const ruleset of place.rulesets) {
    const before = transit.packet.tuple
    const stopped = yield* traverse(transit, ruleset, 'nat', hook)
    if (stopped !== null) return stopped
    if (transit.packet.tuple !== before) break
  }
  connection[done] = true
  return null
}

/** An answer is translated the other way round, at the other hook. */
function turnBack(transit: Transit, end: 'source' | 'destination'): null {
  const { connection, packet } = transit
  if (connection === null) return null
  const { original } = connection
  const tuple =
    end === 'destination'
      ? { ...packet.tuple, destination: original.source, destinationPort: original.sourcePort }
      : { ...packet.tuple, source: original.destination, sourcePort: original.destinationPort }
  if (JSON.stringify(tuple) !== JSON.stringify(packet.tuple)) rewrite(transit, tuple)
  return null
}

function repeat(transit: Transit, end: 'source' | 'destination'): void {
  const { connection, packet } = transit
  if (connection === null) return
  const { translated } = connection
  const { tuple } = packet
  transit.packet = {
    ...packet,
    tuple:
      end === 'destination'
        ? { ...tuple, destination: translated.destination, destinationPort: translated.destinationPort }
        : { ...tuple, source: translated.source, sourcePort: translated.sourcePort },
  }
}

/** Chains of other nftables tables: that they are there is said; what a rule in them does is not known. */
function foreignHooks(transit: Transit, hook: Hook): WalkEnd | null {
  const { place, course, packet } = transit
  for (const found of place.nft.filter(one => concerns(one, packet.family, hook))) {
    const name = `nft ${found.family} ${found.table} ${found.chain}`
    const where = `${name} (${found.hook})`
    if (found.rules === 0 && found.policy === 'drop') {
      note(transit, where, 'no rule, policy drop')
      return failed(transit, 'dropped', `dropped by the policy of ${name}`)
    }
    if (found.harmless) {
      note(transit, where, 'nothing in it stops a packet')
      continue
    }
    const count = found.rules === null ? 'rules' : counted(found.rules, 'rule')
    note(transit, where, `${count}, policy ${found.policy}: not evaluated`)
    const key = [place.name, name, packet.reply].join('/')
    if (supposed(course, key, `${count} of ${name} (policy ${found.policy}) in ${place.name}`))
      return failed(transit, 'dropped', `dropped by ${name}`)
  }
  return null
}

function note({ course, place }: Transit, where: string, what: string): void {
  course.steps.push({
    place: place.name,
    where,
    what,
    rule: null,
    effect: '',
    owner: 'another nftables table',
    source: null,
  })
}

function concerns({ family, hook }: NftHook, own: 'ipv4' | 'ipv6', wanted: Hook): boolean {
  const families = own === 'ipv4' ? ['inet', 'ip'] : ['inet', 'ip6']
  return families.includes(family) && hook === wanted.toLowerCase()
}
