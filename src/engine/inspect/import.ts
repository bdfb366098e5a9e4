import { linkCalled } from '../../model/host/by-name.ts'
import { isInterfaceName } from '../../model/ownership.ts'
import { defaultUplinks } from '../../planner/default-uplinks.ts'
import { topologiesOn } from '../../planner/topologies-on-host.ts'
import { completeAccess, type HostOptions } from '../host/access.ts'
import { readFor } from '../host/read-host.ts'
import { fittingFile } from './import-file.ts'

export interface ImportSettings extends HostOptions {
  /** Interfaces that lead outside; default: those that carry a default route. */
  uplinks?: string[]
}

export type ImportOutcome =
  /** The text of a topology file. */
  | { kind: 'imported'; text: string }
  /** A topology of that name is on the host already. */
  | { kind: 'nameTaken' }
  | { kind: 'noSuchUplink'; uplink: string; present: string[] }
  /** What exists conflicts with every file that could be written. */
  | { kind: 'impossible'; why: string }

/**
 * Writes a topology file of what exists, whoever made it. Changes nothing. Throws where the host cannot be read.
 *
 * @param name of the topology to be
 */
export async function importHost(name: string, options: ImportSettings = {}): Promise<ImportOutcome> {
  const snapshot = await readFor({ name, topologies: [], allRoutes: true }, completeAccess(options))
  if (topologiesOn(snapshot).includes(name)) return { kind: 'nameTaken' }
  const { links } = snapshot.host
  const named = options.uplinks?.map(uplink => linkCalled(links, uplink)?.name ?? uplink)
  const uplinks = named ? [...new Set(named)] : defaultUplinks(snapshot, null)
  const present = links.map(link => link.name)
  const missing = uplinks.find(uplink => !isInterfaceName(uplink) || !present.includes(uplink))
  if (missing !== undefined) return { kind: 'noSuchUplink', uplink: missing, present }
  return fittingFile({ snapshot, name, uplinks })
}
