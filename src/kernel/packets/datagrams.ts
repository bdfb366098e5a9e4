import { readFileSync } from 'node:fs'
import type { Family } from '../../model/address.ts'
import type { Run } from '../process/run.ts'
import { entering, pathOf } from '../read/in-namespaces.ts'

/** How many UDP datagrams processes of a place have been given so far; null where that cannot be read. */
export async function readDatagrams(run: Run, place: string, family: Family): Promise<number | null> {
  const path = `/proc/net/${family === 'ipv4' ? 'snmp' : 'snmp6'}`
  const text =
    place === 'host'
      ? readFileSync(path, 'utf8')
      : (await run('nsenter', entering(place, [pathOf('cat'), path])).catch(() => null))?.stdout
  return text === undefined ? null : parseDatagrams(text, family)
}

/** IPv4: a line of names, then one of numbers; IPv6: a name and a number in each line. */
export function parseDatagrams(text: string, family: Family): number | null {
  if (family === 'ipv6') {
    const found = /^Udp6InDatagrams\s+(\d+)/m.exec(text)?.[1]
    return found === undefined ? null : Number(found)
  }
  const [names = [], numbers = []] = text
    .split('\n')
    .filter(line => line.startsWith('Udp: '))
    .map(line => line.split(/\s+/))
  const found = numbers[names.indexOf('InDatagrams')]
  return found === undefined ? null : Number(found)
}
