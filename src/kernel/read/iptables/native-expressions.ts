/** What nft prints of a rule: `{"match": …}`, `{"counter": …}`, `{"accept": null}`… */
export type Expression = Record<string, unknown>

/**
 * How iptables prints a rule of nft: as it is, as another rule (without the set it looks into, without the range), or not
 * at all, and then nothing else of the table either.
 */
export type Fidelity = 'faithful' | 'another' | 'none'

/** What is not known to be printed as it is counts as printed falsely, whatever a later iptables makes of it. */
export function fidelityOf(expressions: readonly Expression[]): Fidelity {
  const all = expressions.flatMap(one => Object.entries(one)).map(([name, value]) => fidelity(name, value))
  if (all.includes('none')) return 'none'
  return all.includes('another') ? 'another' : 'faithful'
}

/** Statements that iptables writes itself. Of other versions it may print more: nothing rests on that. */
function fidelity(name: string, value: unknown): Fidelity {
  switch (name) {
    case 'counter':
    case 'accept':
    case 'drop':
    case 'return':
    case 'jump':
    case 'goto':
    case 'xt':
      return 'faithful'
    case 'match':
      return fidelityOfMatch(value as Match)
    case 'limit':
      return isPlainLimit(value) ? 'faithful' : 'none'
    case 'log':
      // NFLOG; the kernel's own log iptables writes by an extension.
      return isObject(value) && 'group' in value ? 'faithful' : 'none'
    case 'mangle':
      return isTrace(value) ? 'faithful' : 'none'
    case 'vmap':
    case 'continue':
      return 'another'
    default:
      return 'none'
  }
}

interface Match {
  op: string
  left: unknown
  right: unknown
}

function fidelityOfMatch({ op, left, right }: Match): Fidelity {
  const field = fieldOf(left)
  if (field === null) return 'none'
  if (!PRINTED.has(field) && !field.startsWith('mark')) return field.includes(' ') ? 'another' : 'none'
  if (op === '==' || op === '!=') {
    if (isScalar(right)) return 'faithful'
    if (isObject(right) && 'prefix' in right) return isAddress(field) ? 'faithful' : 'another'
    if (isObject(right) && 'range' in right) return isPort(field) ? 'faithful' : 'another'
    return field.startsWith('tcp flags') && Array.isArray(right) ? 'faithful' : 'another'
  }
  if (op === 'in') return field === 'tcp flags' && !isObject(right) ? 'faithful' : 'another'
  return isPort(field) && isScalar(right) ? 'faithful' : 'another'
}

/** Fields that iptables writes and prints itself. */
const PRINTED = new Set([
  ...['iif', 'oif', 'iifname', 'oifname', 'l4proto', 'mark', 'protocol', 'pkttype'],
  ...['ip saddr', 'ip daddr', 'ip protocol', 'ip ttl', 'ip frag-off &', 'ip saddr &', 'ip daddr &'],
  ...['ip6 saddr', 'ip6 daddr', 'ip6 hoplimit', 'ip6 saddr &', 'ip6 daddr &'],
  ...['tcp sport', 'tcp dport', 'tcp flags', 'tcp flags &', 'udp sport', 'udp dport'],
  ...['icmp type', 'icmp code', 'icmpv6 type', 'icmpv6 code', 'mark &'],
])

function isAddress(field: string): boolean {
  return /^ip6? [sd]addr$/.test(field)
}

function isPort(field: string): boolean {
  return /^(tcp|udp) [sd]port$/.test(field)
}

/** `iifname`, `ip saddr`, `mark &` with a mask; null for what is neither. */
function fieldOf(left: unknown): string | null {
  if (!isObject(left)) return null
  if (isObject(left.meta)) return String(left.meta.key)
  if (isObject(left.payload)) return `${left.payload.protocol} ${left.payload.field}`
  const [masked, mask] = Array.isArray(left['&']) ? left['&'] : []
  if (masked === undefined || !(isScalar(mask) || Array.isArray(mask))) return null
  const inner = fieldOf(masked)
  return inner === null ? null : `${inner} &`
}

function isPlainLimit(value: unknown): boolean {
  if (!isObject(value)) return false
  const { per, inv = false, rate_unit: unit = 'packets' } = value
  return !inv && unit === 'packets' && ['second', 'minute', 'hour', 'day'].includes(String(per))
}

function isTrace(value: unknown): boolean {
  return (
    isObject(value) && isObject(value.key) && isObject(value.key.meta) && value.key.meta.key === 'nftrace'
  )
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A string that begins with `@` is a set. */
function isScalar(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !value.startsWith('@'))
}

/** How iptables would say where a rule leads: `-j DROP`; null where packets go on whatever it does. */
export function jumpOf(expressions: readonly Expression[]): string | null {
  let jump: string | null = null
  for (const [name, value] of expressions.flatMap(one => Object.entries(one))) {
    if (name === 'jump' && isObject(value)) jump = `-j ${value.target}`
    else if (name === 'goto' && isObject(value)) jump = `-g ${value.target}`
    else if (VERDICTS[name]) jump = `-j ${VERDICTS[name]}`
    else if (name === 'xt' && isObject(value) && value.type === 'target') jump = `-j ${value.name}`
    else if (!PASSING.includes(name)) return '-j NFT'
  }
  return jump
}

const VERDICTS: Record<string, string> = {
  accept: 'ACCEPT',
  drop: 'DROP',
  return: 'RETURN',
  reject: 'REJECT',
}
/** What looks, counts and lets pass. */
const PASSING = ['match', 'counter', 'limit', 'quota', 'log', 'xt', 'continue', 'set', 'map']
