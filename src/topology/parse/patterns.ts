import { FAMILY_NAMES, parseAddress, parseCidr } from '../../model/address.ts'
import { escapeText } from '../../model/text/escape.ts'
import type { Code } from './codes.ts'

export interface PatternExplanation {
  code: Code
  notes: string[]
  /** Where in the text the fault lies. */
  part?: [start: number, end: number]
}

/** Says in words why a text does not fit the pattern of a definition of the schema. */
export function explainPattern(definition: string, text: string, rule: string): PatternExplanation {
  const expected = [`expected ${rule}`, ...(text === '' ? ['found nothing'] : [])]
  switch (definition) {
    case 'cidr':
      return { code: 'invalid-cidr', notes: whyNoCidr(text) }
    case 'address':
    case 'subnet.gateway':
      return { code: 'invalid-address', notes: [...whyNoAddress(text), ...expected] }
    case 'endAddress':
      return { code: 'invalid-address', notes: [...whyNoAddress(text.split('/')[0] ?? text), ...expected] }
    case 'route.to':
      return { code: 'invalid-cidr', notes: whyNoCidr(text, ', or default') }
    case 'interface':
    case 'uplink':
    case 'route.dev':
      return explainInterface(text, 0)
    case 'end':
      return explainEnd(text, expected)
    case 'forward.listen':
      return { code: 'invalid-listen', notes: expected }
    case 'forward.to':
      return explainTarget(text, expected)
    default:
      return { code: CODES[definition] ?? 'invalid-value', notes: expected }
  }
}

const CODES: Record<string, Code> = {
  shortName: 'invalid-name',
  subnetName: 'invalid-name',
  namespaceName: 'invalid-name',
  endNamespace: 'invalid-name',
  peer: 'invalid-name',
  portOrRange: 'invalid-port',
  'endObject.mac': 'invalid-mac',
  'endObject.rate': 'invalid-rate',
}

function explainEnd(text: string, expected: string[]): PatternExplanation {
  const colon = text.indexOf(':')
  const [namespace, name] = colon === -1 ? [text, null] : [text.slice(0, colon), text.slice(colon + 1)]
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(namespace)) {
    return { code: 'invalid-name', notes: expected, part: [0, namespace.length] }
  }
  return name === null ? { code: 'invalid-name', notes: expected } : explainInterface(name, colon + 1)
}

function explainInterface(name: string, start: number): PatternExplanation {
  const part: [number, number] = [start, start + name.length]
  const rule = "expected at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit"
  if (name.length > 15 && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    return {
      code: 'interface-name-too-long',
      notes: [`it has ${name.length} characters; the kernel takes 15`],
      part,
    }
  }
  return { code: 'invalid-interface', notes: name === '' ? [rule, 'found nothing'] : [rule], part }
}

function explainTarget(text: string, expected: string[]): PatternExplanation {
  const address = /^\[?([0-9A-Fa-f:.]+?)\]?(:\d+)?$/.exec(text)?.[1] ?? ''
  const byAddress = parseAddress(text) ?? parseAddress(address)
  const hint = byAddress ? ['a forward leads to a namespace by its name, never by address'] : []
  return { code: 'invalid-target', notes: [...hint, ...expected] }
}

/** Empty for a good address. */
export function whyNoAddress(text: string): string[] {
  if (parseAddress(text)) return []
  if (text.includes('/') && parseCidr(text)) return ['an address stands here without prefix length']
  const parts = text.split('.')
  if (parts.length === 4 && parts.every(part => /^\d+$/.test(part))) {
    if (parts.some(part => Number(part) > 255)) return ['no part of an IPv4 address is above 255']
    return ['the parts of an IPv4 address have no leading zeros: some programs read those as octal']
  }
  if (/^::ffff:/i.test(text)) return ['IPv4-mapped IPv6 addresses mean IPv4: write the IPv4 address']
  if (text.includes('%')) return ['an address stands here without zone']
  return /^[\d.]+$/.test(text) ? ['an IPv4 address has four parts'] : ['this is no IPv4 or IPv6 address']
}

/** Empty for a good network, host bits aside. */
export function whyNoCidr(text: string, or = ''): string[] {
  if (parseCidr(text)) return []
  const expected = `expected a network such as 192.168.0.0/24 or fd00::/64${or}`
  const [address = '', prefix, ...rest] = text.split('/')
  const parsed = parseAddress(address)
  if (!parsed) return [...whyNoAddress(address), expected]
  if (prefix === undefined)
    return [`the prefix length is missing: ${escapeText(address)}/${parsed.prefix} is one address`, expected]
  if (rest.length > 0 || !/^\d+$/.test(prefix)) return [expected]
  if (/^0\d/.test(prefix)) return ['a prefix length has no leading zeros']
  return [`a prefix length of ${FAMILY_NAMES[parsed.family]} is 0 to ${parsed.prefix}`]
}
