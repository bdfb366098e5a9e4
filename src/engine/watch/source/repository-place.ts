import { hostname } from 'node:os'
import { isRemoteUrl } from '../../../kernel/git.ts'

/** Where in a config repository a host's files are. */
export interface RepositoryPlace {
  kind: 'repository'
  url: string
  /** null: the one that the repository's HEAD names. */
  branch: string | null
  /** Of a file or directory; empty: the root of the repository. */
  path: string
}

export type RepositoryChoice =
  | RepositoryPlace
  /** Not https, ssh or a local path. */
  | { kind: 'invalidUrl' }
  /** It leads out of the repository. */
  | { kind: 'invalidPath' }
  /** The path has `{hostname}` in it, and this host's name cannot be a part of a path. */
  | { kind: 'invalidHostname'; hostname: string }

/** The place that a URL, a branch and a path name. `{hostname}` in the path stands for this host's name. */
export function placeIn(
  { url, branch, path }: Omit<RepositoryPlace, 'kind'>,
  name = hostname(),
): RepositoryChoice {
  if (!isRemoteUrl(url)) return { kind: 'invalidUrl' }
  if (path.includes('{hostname}') && !/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(name))
    return { kind: 'invalidHostname', hostname: name }
  const own = path.replaceAll('{hostname}', name).replace(/\/+$/, '')
  if (own === '.') return { kind: 'repository', url, branch, path: '' }
  const leadsOut = own.startsWith('/') || own.split('/').some(part => ['', '.', '..'].includes(part))
  return leadsOut ? { kind: 'invalidPath' } : { kind: 'repository', url, branch, path: own }
}
