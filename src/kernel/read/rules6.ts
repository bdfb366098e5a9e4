import { readMark } from '../../model/ownership.ts'
import type { RawNetwork } from './ip.ts'

/**
 * Tells in which namespaces IPv6 policy rules are read: where they are asked for, and where something hints at them.
 *
 * @param interrupted whether an apply was cut off: then they may be anywhere
 */
export function rules6Filter(
  { rules6, everything }: { rules6?: string[]; everything?: boolean },
  interrupted: boolean,
): (name: string, network: RawNetwork) => boolean {
  const all = rules6 === undefined || everything === true || interrupted
  const named = new Set(rules6)
  return (name, network) => all || named.has(name) || hintsAtRules(network)
}

function hintsAtRules({ links, routes, rules }: RawNetwork): boolean {
  return (
    links.length > 2 ||
    links.some(({ link }) => readMark(link.alias)?.adopted) ||
    rules.some(({ priority }) => !DEFAULT_RULES.includes(priority)) ||
    routes.some(({ family, table }) => family === 'ipv6' && table !== MAIN && table !== LOCAL)
  )
}

const MAIN = 254
const LOCAL = 255
/** Priorities of the rules that every namespace is born with. */
const DEFAULT_RULES = [0, 32766, 32767]
