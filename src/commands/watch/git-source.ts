import { hostname } from 'node:os'
import { type Clone, NotInCommit, withoutSecret } from '../../kernel/git.ts'
import { messageOf } from '../../model/escape.ts'
import { loadTogether } from '../../topology/together.ts'
import type { Reading } from '../../watch/source.ts'
import { type Context, Refused } from '../context.ts'
import { USAGE } from '../exit-codes.ts'
import { readingOf, type Source } from './source.ts'

export interface GitSource extends Source {
  /** Asks the repository for news; resolves to whether there are any. Never throws. */
  pull(signal: AbortSignal): Promise<boolean>
  /** The commit that was fetched last, and why none can be fetched now. */
  state(): { commit: string | null; unreachable: string | null }
}

/** A branch of a repository, of which one file or directory is this host's. */
export async function openRepository(
  clone: Clone,
  { url, branch, path }: { url: string; branch: string; path: string },
  context: Context,
  accept: string[],
): Promise<GitSource> {
  const place = placeIn(path)
  // What was fetched before a restart counts, should the repository be out of reach now.
  let commit = await clone.fetched()
  let unreachable: string | null = null
  let read: { commit: string; reading: Reading } | null = null
  const name = `git+${withoutSecret(url)}#${branch}:${place}`
  return {
    name,
    whole: true,
    directories: () => [],
    concerns: () => false,
    pull: async signal => {
      try {
        const fetched = await clone.fetch(signal)
        const isNews = fetched !== commit || unreachable !== null
        commit = fetched
        unreachable = null
        return isNews
      } catch (error) {
        const why = withoutSecret(messageOf(error).replaceAll(url, withoutSecret(url)))
        const isNews = unreachable === null
        unreachable = `cannot be fetched: ${lastWords(why)}`
        return isNews
      }
    },
    state: () => ({ commit, unreachable }),
    read: async () => {
      if (commit === null)
        return {
          versions: [],
          broken: [],
          problem: `${withoutSecret(url)}: ${unreachable ?? 'not fetched yet'}`,
        }
      if (read?.commit !== commit) {
        read = { commit, reading: await readCommit(clone, commit, place, context, accept) }
      }
      const { reading } = read
      const kept = unreachable === null ? null : `${unreachable}; commit ${commit.slice(0, 12)} stays`
      return { ...reading, problem: reading.problem ?? kept }
    },
  }
}

async function readCommit(
  clone: Clone,
  commit: string,
  place: string,
  { environment }: Context,
  accept: string[],
): Promise<Reading> {
  try {
    const blobs = await clone.read(commit, place)
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

/** PATH as given, for this host; throws Refused for one that leads out of the repository. */
function placeIn(path: string): string {
  const own = hostname()
  if (path.includes('{hostname}') && !/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(own))
    throw new Refused(`{hostname}: this host's name cannot be a part of a path: ${JSON.stringify(own)}`)
  const place = path.replaceAll('{hostname}', own).replace(/\/+$/, '')
  const parts = place.split('/')
  if (place !== '.' && (place.startsWith('/') || parts.some(part => ['', '.', '..'].includes(part))))
    throw new Refused(`${path}: not a path in a repository: expected one like hosts/{hostname}.yaml`, USAGE)
  return place === '.' ? '' : place
}

/** Of what git said, the line that says why. */
function lastWords(text: string): string {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  return (lines.find(line => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? text).slice(0, 300)
}
