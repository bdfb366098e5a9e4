import { interfaceNames, markedTopologies } from '../../kernel/inspect/links-in-sys.ts'
import { listNamespaces } from '../../kernel/read/in-namespaces.ts'
import { appliedTopologies } from '../../kernel/records/records.ts'

/** What has names on a host. */
export type Named = 'namespaces' | 'topologies' | 'interfaces'

/** The names of what is on the host now, as far as this user may see them. Runs no command; never throws. */
export function liveNames(named: Named): string[] {
  try {
    return READERS[named]()
  } catch {
    return []
  }
}

const READERS: Record<Named, () => string[]> = {
  namespaces: () => [...listNamespaces().keys()],
  interfaces: interfaceNames,
  // The records are root's alone; the links of the host anybody may see.
  topologies: () => [...new Set([...appliedTopologies(), ...markedTopologies()])].sort(),
}
