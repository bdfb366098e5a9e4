import { InvalidName } from '../../engine/host/errors.ts'
import { importHost as importTopology } from '../../engine/inspect/import.ts'
import { isTopologyName } from '../../model/ownership.ts'
import { escapeText } from '../../model/text/escape.ts'
import { type Context, type ReaderOptions, Refused } from '../context.ts'
import { hostFor } from '../host.ts'

export interface ImportOptions extends ReaderOptions {
  name: string
  uplink: string[]
}

/** A topology file of what exists, whoever made it, on stdout. Reads only. */
export async function importHost(options: ImportOptions, context: Context): Promise<number> {
  const { name, uplink } = options
  if (!isTopologyName(name)) throw new InvalidName(name)
  const uplinks = uplink.length > 0 ? { uplinks: uplink } : {}
  const outcome = await importTopology(name, { ...hostFor(context, options), ...uplinks })
  switch (outcome.kind) {
    case 'imported':
      context.write(outcome.text)
      return 0
    case 'nameTaken':
      throw new Refused(`${name} is a topology of this host already: import under another --name`)
    case 'noSuchUplink': {
      const present = outcome.present.map(escapeText).join(', ')
      throw new Refused(
        `uplink ${escapeText(outcome.uplink)} does not exist; interfaces of this host: ${present}`,
      )
    }
    case 'impossible':
      throw new Refused(`what exists cannot be taken over: ${escapeText(outcome.why)}`)
  }
}
