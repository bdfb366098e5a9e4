import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBytes } from '../../model/text/bytes.ts'

/**
 * /etc/netns, two levels deep: itself as `/`, directories as `netns1/` with null, files as `netns1/resolv.conf` with
 * content. What stands where a directory should is a file without content: a link is not followed.
 */
export function readEtcNetns(root = '/etc/netns'): Record<string, string | null> {
  const found: Record<string, string | null> = Object.create(null)
  const top = lstatSync(root, { throwIfNoEntry: false })
  if (top) found['/'] = top.isDirectory() ? null : ''
  for (const directory of top?.isDirectory() ? entries(root) : []) {
    if (!directory.isDirectory()) {
      found[directory.name] = ''
      continue
    }
    found[`${directory.name}/`] = null
    for (const entry of entries(join(root, directory.name))) {
      const path = `${directory.name}/${entry.name}`
      if (entry.isDirectory()) found[`${path}/`] = null
      else found[path] = contentOf(entry, join(root, path))
    }
  }
  return { ...found }
}

function entries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

/** What is no plain file (a pipe would block) or cannot be read counts as there, without content. */
function contentOf(entry: Dirent, path: string): string {
  try {
    return entry.isFile() ? decodeBytes(readFileSync(path)) : ''
  } catch {
    return ''
  }
}
