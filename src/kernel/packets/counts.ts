import { readFileSync } from 'node:fs'
import type { Family } from '../../model/address.ts'
import type { Run } from '../process/run.ts'
import { entering, pathOf } from '../read/in-namespaces.ts'

/** What the network stack of a place has counted of one family. */
export interface PacketCounts {
  /** UDP datagrams that processes were given. */
  datagrams: number
  /** UDP datagrams for ports that nothing listens on: the stack refuses each by ICMP. */
  unheard: number
  /** TCP resets that the stack has sent, of both families. Those of a rule (`tcp-reset`) are not among them. */
  resets: number
  /** ICMP errors received that say `unreachable`. */
  unreachable: number
}

/** What a place has counted so far; null where that cannot be read. */
export async function readCounts(run: Run, place: string, family: Family): Promise<PacketCounts | null> {
  const paths = ['/proc/net/snmp', ...(family === 'ipv6' ? ['/proc/net/snmp6'] : [])]
  const text =
    place === 'host'
      ? paths.map(path => readFileSync(path, 'utf8')).join('\n')
      : (await run('nsenter', entering(place, [pathOf('cat'), ...paths])).catch(() => null))?.stdout
  return text === undefined ? null : parseCounts(text, family)
}

/** IPv4: a line of names, then one of numbers; IPv6: a name and a number in each line. TCP is counted with IPv4 alone. */
export function parseCounts(text: string, family: Family): PacketCounts | null {
  const number = (protocol: string, name: string) =>
    family === 'ipv6' ? numberNamed(text, `${protocol}6${name}`) : numberIn(text, protocol, name)
  const datagrams = number('Udp', 'InDatagrams')
  const unheard = number('Udp', 'NoPorts')
  const unreachable = number('Icmp', 'InDestUnreachs')
  const resets = numberIn(text, 'Tcp', 'OutRsts')
  if (datagrams === null || unheard === null || unreachable === null || resets === null) return null
  return { datagrams, unheard, resets, unreachable }
}

function numberNamed(text: string, name: string): number | null {
  const found = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1]
  return found === undefined ? null : Number(found)
}

function numberIn(text: string, protocol: string, name: string): number | null {
  const [names = [], numbers = []] = text
    .split('\n')
    .filter(line => line.startsWith(`${protocol}: `))
    .map(line => line.split(/\s+/))
  const found = numbers[names.indexOf(name)]
  return found === undefined ? null : Number(found)
}
