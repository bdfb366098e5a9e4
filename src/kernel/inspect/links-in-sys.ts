import { readdirSync, readFileSync } from 'node:fs'
import { readMark } from '../../model/ownership.ts'

const LINKS = '/sys/class/net'

/** Names of the host's interfaces, as /sys shows them to everybody. */
export function interfaceNames(): string[] {
  return readdirSync(LINKS)
}

/** Names of the topologies that have a link on the host, as /sys shows them to everybody. */
export function markedTopologies(): string[] {
  return interfaceNames().flatMap(name => readMark(aliasOf(`${LINKS}/${name}/ifalias`))?.topology ?? [])
}

function aliasOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
