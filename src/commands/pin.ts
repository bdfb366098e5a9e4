import { statSync } from 'node:fs'
import { writeAtomically } from '../kernel/atomic-file.ts'
import { escapeText } from '../model/escape.ts'
import { resolveTopology } from '../planner/resolve.ts'
import { loadTopology } from '../topology/load.ts'
import { pinText } from '../topology/pin.ts'
import { type Context, type HostOptions, Refused } from './context.ts'
import { readLive } from './live.ts'
import { readTopology } from './topology-file.ts'

/** Writes automatically chosen addresses and interface names into the file, comments kept. */
export async function pin(file: string, options: HostOptions, context: Context): Promise<number> {
  const { topology, text } = await readTopology(file, context)
  const chosen = resolveTopology(topology, await readLive(context, options, topology.name, topology))
  const { text: after, pinned } = pinText(text, topology, chosen)
  if (pinned.length === 0) {
    context.write(`${escapeText(file)}: nothing to pin; every name and address is written down.\n`)
    return 0
  }
  const again = loadTopology(after, file, context.environment).topology
  if (JSON.stringify(placesOf(again)) !== JSON.stringify(placesOf(chosen))) {
    throw new Refused(
      `${escapeText(file)}: cannot be pinned without changing what it means; nothing was written`,
    )
  }
  writeAtomically(file, after, statSync(file).mode & 0o777)
  for (const { namespace, interface: name, addresses } of pinned) {
    context.write(
      `${escapeText(file)}: ${namespace}:${name}${addresses.length > 0 ? `  ${addresses.join(', ')}` : ''}\n`,
    )
  }
  return 0
}

function placesOf({ veths }: ReturnType<typeof resolveTopology>): unknown[] {
  return veths.flatMap(({ ends }) =>
    ends.map(({ namespace, interface: name, addresses }) => [namespace, name, addresses.toSorted()]),
  )
}
