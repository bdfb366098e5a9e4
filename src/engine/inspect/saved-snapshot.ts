import type { Firewall, Snapshot, Variant } from '../../model/host/snapshot.ts'
import { snapshotShape } from '../../model/host/snapshot-shape.ts'
import { escapeText } from '../../model/text/escape.ts'
import { Misshapen } from '../../model/text/shape.ts'
import type { ReaderChoice } from '../host/access.ts'
import { InvalidSnapshot } from '../host/errors.ts'
import { MOST_SAVED, readText } from '../host/files.ts'

/** The host as `nsctl snapshot` printed it, for plans of one topology. Throws InvalidSnapshot or UnusableFile. */
export async function readSavedSnapshot(
  path: string,
  topology: string,
  { iptables }: Pick<ReaderChoice, 'iptables'>,
): Promise<Snapshot> {
  const { journals, ...snapshot } = parsed(await readText(path, MOST_SAVED, 'a snapshot'), path)
  return {
    ...snapshot,
    firewall: inVariant(snapshot.firewall, iptables),
    journal: journals.find(journal => journal.topology === topology) ?? null,
  }
}

function parsed(text: string, path: string) {
  try {
    return snapshotShape(JSON.parse(text), '')
  } catch (error) {
    const why = error instanceof Misshapen ? escapeText(error.message) : 'it is no whole JSON document'
    throw new InvalidSnapshot(path, why)
  }
}

/** A snapshot holds both variants: which one the plan is for can still be chosen. */
function inVariant(firewall: Firewall, wanted: 'auto' | Variant): Firewall {
  const { variant, ipv4, ipv6, other } = firewall
  if (wanted === 'auto' || wanted === variant) return firewall
  return { ...firewall, ...other, other: { variant, ipv4, ipv6 } }
}
