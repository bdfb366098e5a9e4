import type { Draft } from './draft.ts'
import type { TopologyFile } from './file.ts'
import type { Path } from './tree.ts'

interface Place {
  path: Path
  key?: boolean
}

/** What the format describes and nsctl does not build yet. What works is deleted from this list, and nothing else. */
const UNSUPPORTED: { what: string; find(file: TopologyFile): Place[] }[] = [
  { what: 'expectations', find: file => whole(file, 'expect') },
]

export function checkSupported({ file, report }: Draft): void {
  for (const { what, find } of UNSUPPORTED) {
    for (const place of find(file))
      report.error('not-supported-yet', place, `${what}: described, but not built yet`, 'remove it for now')
  }
}

function whole(file: TopologyFile, key: 'expect'): Place[] {
  return (file[key]?.length ?? 0) > 0 ? [{ path: [key], key: true }] : []
}
