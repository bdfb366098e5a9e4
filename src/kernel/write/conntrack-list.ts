import { cidr, contains } from '../../model/address.ts'
import type { ForgetFlows } from '../../model/command/conntrack.ts'

/** A connection by the options of `conntrack` that select it. */
type Flow = Record<string, string>

const ORIGINAL: Record<string, string> = { src: 'orig-src', dst: 'orig-dst', dport: 'orig-port-dst' }
const REPLY: Record<string, string> = { src: 'reply-src', dst: 'reply-dst', sport: 'reply-port-src' }

/** `tcp 6 431999 ESTABLISHED src=… dst=… sport=… dport=… src=… dst=… sport=… dport=… [ASSURED] mark=0 use=1` */
export function parseFlows(text: string): Flow[] {
  return text.split('\n').flatMap(line => {
    const protonum = /^\w+/.exec(line)?.[0]
    if (protonum === undefined) return []
    const flow: Flow = { protonum }
    const seen = new Set<string>()
    for (const [, key = '', value = ''] of line.matchAll(/ (src|dst|sport|dport)=(\S+)/g)) {
      const option = (seen.has(key) ? REPLY : ORIGINAL)[key]
      seen.add(key)
      if (option !== undefined) flow[option] ??= value
    }
    return [flow]
  })
}

/** Whether a list is all of it: `conntrack` says on standard error how many it has shown, and each is one line. */
export function isWhole(text: string, stderr: string): boolean {
  const shown = /: (\d+) flow entries have been shown/.exec(stderr)?.[1]
  const lines = text.split('\n').filter(line => line !== '')
  const isFlow = (line: string) => /^\w+ .* src=\S+ dst=\S+/.test(line)
  return shown !== undefined && lines.length === Number(shown) && lines.every(isFlow)
}

/** Protocols that rules and `conntrack` call by the same names. */
const NAMED = ['tcp', 'udp', 'sctp']

/** Whether a command is about a flow, or may be: as the kernel would match it, but for protocols of other names. */
export function isMeant({ match }: ForgetFlows, flow: Flow): boolean {
  return Object.entries(match).every(([option, wanted]) => {
    const live = flow[option]
    if (live === wanted) return true
    if (option === 'protonum') return !NAMED.includes(wanted)
    if (live === undefined || option.includes('port')) return false
    return contains(cidr(wanted), cidr(live))
  })
}
