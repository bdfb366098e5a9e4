import { readdirSync, readFileSync } from 'node:fs'
import { readMark } from '../model/ownership.ts'

/** Names of the topologies that have a link on the host, as /sys shows them to everybody. */
export function markedTopologies(root = '/sys/class/net'): string[] {
  return readdirSync(root).flatMap(name => readMark(aliasOf(`${root}/${name}/ifalias`))?.topology ?? [])
}

function aliasOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
