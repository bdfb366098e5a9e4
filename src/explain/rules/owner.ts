import { optionValue, type Rule } from '../../firewall/codec/rule.ts'
import { USER_CHAIN } from '../../firewall/forwarding.ts'
import { makerOfChain, makerOfLink } from '../../model/host/neighbours.ts'
import { chainOwner, readMark } from '../../model/ownership.ts'

const UNKNOWN = 'unknown'

/** Whose a chain is by its name; null for a built-in one, or one that says nothing. */
function ownerOfChain(name: string): string | null {
  const topology = chainOwner(name)
  if (topology !== null) return `nsctl:${topology}`
  if (name === USER_CHAIN) return 'the administrator'
  return makerOfChain(name)
}

/** Whose a rule is: by the chain it is in, its comment, the chain it leads to, or the interfaces it names. */
export function ownerOfRule(chain: string, rule: Rule): string {
  const byChain = ownerOfChain(chain)
  if (byChain !== null) return byChain
  const mark = readMark(optionValue(rule, '--comment'))
  if (mark !== null) return `nsctl:${mark.topology}`
  const byTarget = rule.target && ownerOfChain(rule.target.name)
  if (byTarget) return byTarget
  const named = rule.options
    .filter(({ name }) => name === '-i' || name === '-o')
    .flatMap(({ values }) => values)
  // In a built-in chain the interfaces that a rule is about tell whose it is.
  return named.map(makerOfLink).find(maker => maker !== null) ?? UNKNOWN
}

/** The topology that a rule belongs to, or null. */
export function topologyOfRule(owner: string): string | null {
  return owner.startsWith('nsctl:') ? owner.slice('nsctl:'.length) : null
}
