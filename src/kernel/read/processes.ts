import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { NamespaceState } from '../../model/host/snapshot.ts'
import { decodeBytes } from '../../model/text/bytes.ts'

type Process = NamespaceState['pids'][number]

/** The processes that live in each of the named namespaces. */
export function readProcesses(names: string[]): Map<string, Process[]> {
  const found = new Map<string, Process[]>(names.map(name => [name, []]))
  if (names.length === 0) return found
  const byInode = new Map<number, string[]>()
  for (const name of names) {
    const inode = inodeOf(`/run/netns/${name}`)
    if (inode !== null) byInode.set(inode, [...(byInode.get(inode) ?? []), name])
  }
  for (const pid of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    for (const name of byInode.get(inodeOf(`/proc/${pid}/ns/net`) ?? -1) ?? []) {
      found.get(name)?.push({ pid: Number(pid), command: commandOf(pid) })
    }
  }
  return found
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino
  } catch {
    return null
  }
}

function commandOf(pid: string): string {
  try {
    const line = decodeBytes(readFileSync(`/proc/${pid}/cmdline`))
      .replace(/\0+$/, '')
      .replaceAll('\0', ' ')
    return line === '' ? `[${decodeBytes(readFileSync(`/proc/${pid}/comm`)).trim()}]` : line
  } catch {
    return ''
  }
}
