import type { Json } from '../../model/plan/resource.ts'

type Section = 'subnets' | 'namespaces' | 'veths' | 'forwards' | 'allow' | 'accept'

/** One entry of the file that an import makes. */
export interface ImportedEntry {
  section: Section
  /** What it is about: what cannot be taken over as it stands is left out by this key. */
  about: string
  /** Key in a section that is a map. */
  name?: string
  value: Json
  /** A list in it whose items are about something of their own. */
  below?: { key: string; items: { about: string; value: Json }[] }
  comment?: string
}

/** What a topology file can say of a host that nsctl has not made. */
export interface Imported {
  name: string
  uplinks: string[]
  entries: ImportedEntry[]
  /** Rules made by hand that nsctl's stand in for, as the commands that take them away. */
  replaced: string[]
  /** What was found and is not in the file, and why: a line each. */
  notes: string[]
}

/** Why something is not taken over, by what it is about. */
export type LeftOut = ReadonlyMap<string, string[]>
