import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Claim, JournalHead, Variant } from '../../model/host/snapshot.ts'
import { isTopologyName } from '../../model/ownership.ts'
import type { Resource } from '../../model/plan/resource.ts'
import type { HistoryEntry } from '../../model/plan/status.ts'
import { entriesOf, removeEmpty, syncDirectory, writeAtomically } from './atomic-file.ts'
import { openRunDirectory, RUN_DIRECTORY, requireRecord, statOf } from './run-directory.ts'

/** An apply in flight: on disk before its first change. */
export interface Journal extends JournalHead {
  /** Ids of what its plan was to change. */
  touches: string[]
  /** As the apply was told: whoever takes it back has to read the same rules. */
  iptables: 'auto' | Variant
  confirm: Confirmation | null
  /** What there was of the topology before, to go back to. */
  before: Resource[]
}

/** An apply that is taken back unless somebody says in time that the host can still be reached. */
export interface Confirmation {
  seconds: number
  /** Seconds since boot (/proc/uptime): nobody sets that clock. */
  deadline: number
  /** The same for people, ISO 8601. */
  until: string
  /** What is to be recorded once it is confirmed; null until all is applied. */
  applied: Applied | null
}

/** What was last applied of a topology: `list` and `status` compare the host with it. */
export interface Applied {
  topology: string
  file: string
  /** Absolute path of the directory that it was applied as a part of; then its going from there is its end. */
  directory?: string
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string
  appliedAt: string
  desired: Resource[]
  /** The interfaces that its uplinks stood for; absent in records of versions that kept none. */
  uplinks?: string[]
  /** What it expected, as expectationKey tells; absent in records of versions that knew none. */
  expects?: string[]
  history: HistoryEntry[]
}

/** Nothing recorded, nothing left: the directory goes, and with it the lock, which the caller holds. */
export function tidyRunDirectory(): void {
  for (const name of ['journal', 'applied', 'watch']) removeEmpty(join(RUN_DIRECTORY, name))
  if (readdirSync(RUN_DIRECTORY).some(name => name !== 'lock')) return
  rmSync(join(RUN_DIRECTORY, 'lock'), { force: true })
  removeEmpty(RUN_DIRECTORY)
}

export function readClaims(): Claim[] {
  return readRecord<Claim[]>('claims.json') ?? []
}

/** What an interrupted apply of a topology has left behind. */
export function readJournal(topology: string): Journal | null {
  return isTopologyName(topology) ? readRecord<Journal>(join('journal', `${topology}.json`)) : null
}

export function readApplied(topology: string): Applied | null {
  return isTopologyName(topology) ? readRecord<Applied>(join('applied', `${topology}.json`)) : null
}

/** Names of the topologies that were applied and not destroyed since. */
export function appliedTopologies(): string[] {
  return namesIn('applied')
}

export function namesIn(directory: string): string[] {
  const names = entriesOf(join(RUN_DIRECTORY, directory))
  return names.flatMap(name =>
    name.endsWith('.json') && isTopologyName(name.slice(0, -5)) ? [name.slice(0, -5)] : [],
  )
}

/** Names of the topologies whose apply waits for confirmation, or was cut off. */
export function pendingTopologies(): string[] {
  return namesIn('journal')
}

export function writeJournal(journal: Journal): void {
  writeRecord(join('journal', `${journal.topology}.json`), journal)
}

export function removeJournal(topology: string): void {
  removeRecord(join('journal', `${topology}.json`))
}

export function writeApplied(applied: Applied): void {
  writeRecord(join('applied', `${applied.topology}.json`), applied)
}

export interface KeptRecord {
  /** At most once. */
  putBack(): void
  letGo(): void
}

/** Keeps a record as it is. Who writes a new one puts another file in its place: it is enough to hold this one open. */
export function keepApplied(topology: string): KeptRecord {
  const path = join(RUN_DIRECTORY, 'applied', `${topology}.json`)
  const descriptor = isTopologyName(topology) ? openRecord(path) : null
  if (descriptor === null) return { putBack: () => removeApplied(topology), letGo: () => {} }
  return {
    putBack: () => writeContent(path, readFileSync(descriptor)),
    letGo: () => closeSync(descriptor),
  }
}

export function removeApplied(topology: string): void {
  removeRecord(join('applied', `${topology}.json`))
}

type ClaimKey = Pick<Claim, 'kind' | 'scope' | 'key'>

const sameClaim = (a: ClaimKey, b: ClaimKey) => a.kind === b.kind && a.scope === b.scope && a.key === b.key

/** Adds claims; one that exists gets one more holder, and keeps the value before that was recorded first. */
export function addClaims(wanted: Omit<Claim, 'holders'>[], holder: string): void {
  const claims = readClaims()
  for (const claim of wanted) {
    const existing = claims.find(candidate => sameClaim(candidate, claim))
    if (!existing) {
      claims.push({ ...claim, holders: [holder] })
      continue
    }
    if (!existing.holders.includes(holder)) existing.holders.push(holder)
    if (existing.set !== claim.set) Object.assign(existing, { set: claim.set, replaces: existing.set })
  }
  writeRecord('claims.json', claims)
}

export function writeClaims(claims: Claim[]): void {
  if (claims.length > 0) writeRecord('claims.json', claims)
  else removeRecord('claims.json')
}

export function readRecord<T>(name: string): T | null {
  const path = join(RUN_DIRECTORY, name)
  const content = readContent(path)
  try {
    return content && (JSON.parse(content.toString()) as T)
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`)
  }
}

function readContent(path: string): Buffer | null {
  const descriptor = openRecord(path)
  if (descriptor === null) return null
  try {
    return readFileSync(descriptor)
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`)
  } finally {
    closeSync(descriptor)
  }
}

function openRecord(path: string): number | null {
  if (statOf(path) === null) return null
  requireRecord(path)
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw new Error(`${path} cannot be read: ${(error as Error).message}`)
  }
}

export function writeRecord(name: string, value: unknown): void {
  writeContent(join(RUN_DIRECTORY, name), `${JSON.stringify(value)}\n`)
}

function writeContent(path: string, content: string | Buffer): void {
  openRunDirectory()
  requireRecord(path)
  writeAtomically(path, content, 0o600)
}

export function removeRecord(name: string): void {
  const path = join(RUN_DIRECTORY, name)
  rmSync(path, { force: true })
  try {
    syncDirectory(dirname(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
