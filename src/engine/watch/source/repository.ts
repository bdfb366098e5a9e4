import { resolve } from 'node:path'
import { type Clone, NotInCommit, openClone, reasonOf } from '../../../kernel/git.ts'
import { CommandFailed } from '../../../kernel/process/run.ts'
import { messageOf } from '../../../model/text/escape.ts'
import { withoutSecrets } from '../../../model/text/secrets.ts'
import { loadTogether } from '../../../topology/together.ts'
import type { Reading } from '../../../watch/tracked.ts'
import type { HostAccess } from '../../host/access.ts'
import type { RepositoryPlace } from './repository-place.ts'
import { readingOf, type TopologySource } from './source.ts'

export interface Repository extends TopologySource {
  /** Fetches; resolves to whether there is anything new, be it that it cannot be reached. Never throws. */
  fetch(signal: AbortSignal): Promise<boolean>
  /** The commit that was fetched last; null before the first. */
  commit(): string | null
  /** Why it cannot be fetched now, or null. */
  unreachable(): string | null
}

/** Where clones are kept, where systemd does not say. */
const STATE_DIRECTORY = '/var/lib/nsctl'

/** A branch of a repository, of which one file or directory is this host's. */
export async function openRepository(
  place: RepositoryPlace,
  accept: string[],
  access: Pick<HostAccess, 'run' | 'environment'>,
): Promise<Repository> {
  const { url, branch, path } = place
  const { environment } = access
  const state = resolve(environment.STATE_DIRECTORY ?? STATE_DIRECTORY)
  const clone = openClone(access.run, { url, branch }, state, environment.HOME)
  const shown = withoutSecrets(url)
  // What was fetched before a restart counts, should the repository be out of reach now.
  let commit = await clone.fetched()
  let unreachable: string | null = null
  let last: { commit: string; reading: Reading } | null = null
  return {
    name: `git+${shown}#${branch ?? 'HEAD'}:${path}`,
    isWhole: true,
    directories: () => [],
    concerns: () => false,
    commit: () => commit,
    unreachable: () => unreachable,
    fetch: async signal => {
      const before = { commit, unreachable }
      try {
        commit = await clone.fetch(signal)
        unreachable = null
        return commit !== before.commit || before.unreachable !== null
      } catch (error) {
        const why = error instanceof CommandFailed ? reasonOf(error) : withoutSecrets(messageOf(error))
        unreachable = `cannot be fetched: ${why}`
        return unreachable !== before.unreachable
      }
    },
    read: async () => {
      if (commit === null)
        return { versions: [], broken: [], problem: `${shown}: ${unreachable ?? 'not fetched yet'}` }
      if (last?.commit !== commit)
        last = { commit, reading: await readCommit(clone, { ...place, commit }, accept, environment) }
      const kept = unreachable === null ? null : `${unreachable}; commit ${commit.slice(0, 12)} stays`
      return { ...last.reading, problem: last.reading.problem ?? kept }
    },
  }
}

async function readCommit(
  clone: Clone,
  { commit, path }: { commit: string; path: string },
  accept: string[],
  environment: HostAccess['environment'],
): Promise<Reading> {
  try {
    const blobs = await clone.read(commit, path)
    const texts = blobs.flatMap(blob => ('text' in blob ? [{ file: blob.path, text: blob.text }] : []))
    const refused = blobs.flatMap(blob =>
      'refused' in blob ? [{ file: blob.path, name: null, why: blob.refused }] : [],
    )
    const reading = readingOf(loadTogether(texts, environment), commit, accept)
    return { ...reading, broken: [...refused, ...reading.broken] }
  } catch (error) {
    if (!(error instanceof NotInCommit)) throw error
    return { versions: [], broken: [], problem: error.message }
  }
}
