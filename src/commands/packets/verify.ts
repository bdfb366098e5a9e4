import { verify as verifyTopology } from '../../engine/packets/verify.ts'
import { answerProbes } from '../../kernel/packets/probe.ts'
import {
  renderVerification,
  type VerifyFormat,
  verificationJson,
  verificationJunit,
} from '../../render/verify.ts'
import type { Context, ReaderOptions } from '../context.ts'
import { DIFFERENT } from '../exit-codes.ts'
import { readTopology } from '../files/topology-file.ts'
import { hostFor } from '../host.ts'

export interface VerifyOptions extends ReaderOptions {
  format: VerifyFormat
}

/** Checks what a file expects. Exit code 2 where something does not hold; what is undetermined is not that. */
export async function verify(file: string, options: VerifyOptions, context: Context): Promise<number> {
  const { topology } = await readTopology(file, context)
  const results = await verifyTopology(topology, hostFor(context, options))
  const { format } = options
  if (format === 'json') context.write(verificationJson(topology.name, results))
  else if (format === 'junit') context.write(verificationJunit(topology.name, results))
  else context.write(renderVerification(results, context.colors))
  return results.some(({ outcome }) => outcome === 'fails') ? DIFFERENT : 0
}

/** The inner half, in the namespace that packets are sent from. */
export async function probe(context: Context): Promise<number> {
  context.write(`${JSON.stringify(await answerProbes())}\n`)
  return 0
}
