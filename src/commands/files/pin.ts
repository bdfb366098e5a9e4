import { pin as pinTopology } from '../../engine/inspect/pin.ts'
import { escapeText } from '../../model/text/escape.ts'
import { type Context, type ReaderOptions, Refused } from '../context.ts'
import { hostFor } from '../host.ts'
import { readTopology } from './topology-file.ts'

/** Writes automatically chosen addresses and interface names into the file, comments kept. */
export async function pin(file: string, options: ReaderOptions, context: Context): Promise<number> {
  const outcome = await pinTopology(await readTopology(file, context), hostFor(context, options))
  const name = escapeText(file)
  if (outcome.kind === 'impossible')
    throw new Refused(`${name}: cannot be pinned without changing what it means; nothing was written`)
  if (outcome.kind === 'unchanged') {
    context.write(`${name}: nothing to pin; every name and address is written down.\n`)
    return 0
  }
  for (const { namespace, interface: end, addresses } of outcome.pinned) {
    const chosen = addresses.length > 0 ? `  ${addresses.join(', ')}` : ''
    context.write(`${name}: ${namespace}:${end}${chosen}\n`)
  }
  return 0
}
