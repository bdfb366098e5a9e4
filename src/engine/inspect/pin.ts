import { statSync } from 'node:fs'
import { writeAtomically } from '../../kernel/records/atomic-file.ts'
import type { Topology } from '../../model/topology.ts'
import { resolveTopology } from '../../planner/resolve.ts'
import { type Pinned, pinText } from '../../topology/pin.ts'
import type { HostOptions } from '../host/access.ts'
import { loadTopology } from '../host/load.ts'
import { readHost } from '../host/read-host.ts'

export type PinOutcome =
  /** The file was written. */
  | { kind: 'pinned'; pinned: Pinned[] }
  /** Every name and address is in the file already. */
  | { kind: 'unchanged' }
  /** The file cannot say what was chosen without meaning something else. Nothing was written. */
  | { kind: 'impossible' }

/**
 * Writes automatically chosen addresses and interface names into a topology's file, comments kept. Throws where the host
 * cannot be read, or the file not be written.
 */
export async function pin(
  { topology, text }: { topology: Topology; text: string },
  options: HostOptions = {},
): Promise<PinOutcome> {
  const { file } = topology
  const chosen = resolveTopology(topology, await readHost({ ...options, topology }))
  const { text: after, pinned } = pinText(text, topology, chosen)
  if (pinned.length === 0) return { kind: 'unchanged' }
  const again = loadTopology(after, {
    file,
    ...(options.environment ? { environment: options.environment } : {}),
  })
  if (again.kind === 'invalid' || !saysTheSame(again.topology, chosen)) return { kind: 'impossible' }
  writeAtomically(file, after, statSync(file).mode & 0o777)
  return { kind: 'pinned', pinned }
}

function saysTheSame(written: Topology, chosen: Topology): boolean {
  return JSON.stringify(placesOf(written)) === JSON.stringify(placesOf(chosen))
}

function placesOf({ veths }: Topology): unknown[] {
  return veths.flatMap(({ ends }) =>
    ends.map(({ namespace, interface: name, addresses }) => [namespace, name, addresses.toSorted()]),
  )
}
