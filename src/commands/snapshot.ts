import { readClaims } from '../kernel/records.ts'
import { readSnapshot } from '../kernel/snapshot.ts'
import { renderJson } from '../render/json.ts'
import type { Context, HostOptions } from './context.ts'

/** The live state as one JSON document: everything a plan may rest on. */
export async function snapshot(options: HostOptions, context: Context): Promise<number> {
  const { iptables: variant, reader } = options
  const wanted = { sysctls: [], variant, reader, program: context.self.at(-1) ?? '', everything: true }
  const read = await readSnapshot(context.run, wanted, { claims: readClaims(), journal: null })
  context.write(renderJson(read))
  return 0
}
