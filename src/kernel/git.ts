import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withoutSecrets } from '../model/text/secrets.ts'
import { CommandFailed, type Run } from './process/run.ts'
import { GarbledOutput } from './read/json.ts'

/** A branch of a config repository. */
export interface Remote {
  url: string
  /** null: the one that the repository's HEAD names at each fetch. */
  branch: string | null
}

/** A file of a commit: its text, or why it is not taken. */
type Blob = { path: string; text: string } | { path: string; refused: string }

/** A bare copy of one branch, from which files are read without ever being checked out. */
export interface Clone {
  directory: string
  /** Fetches; returns the commit that the branch is at now. Throws CommandFailed, with git's words. */
  fetch(signal: AbortSignal): Promise<string>
  /** The commit that was fetched last, also before this process; null where there is none. */
  fetched(): Promise<string | null>
  /** What is at a path: that file, or the topology files right in that directory. Throws NotInCommit. */
  read(commit: string, path: string): Promise<Blob[]>
}

export class NotInCommit extends Error {}

const HEAD = 'refs/nsctl/head'
/** As for a file on disk; a larger one is not even asked for. */
const LARGEST = 8 * 1024 * 1024
const FETCH = 120_000
const MOST_FILES = 1_000

/**
 * Whatever the host's or the user's configuration says, and whatever is in the repository: no hook, filter, credential
 * prompt or submodule is run, and nothing but these transports is used.
 */
const SETTINGS = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'protocol.allow': 'never',
  'protocol.file.allow': 'always',
  'protocol.https.allow': 'always',
  'protocol.ssh.allow': 'always',
  'transfer.fsckObjects': 'true',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '30',
  'gc.autoDetach': 'false',
  'submodule.recurse': 'false',
  'advice.detachedHead': 'false',
}

/** https, ssh (also as `host:path`), and repositories on this host; nothing that git would run a program for. */
export function isRemoteUrl(url: string): boolean {
  return (
    /^(https|ssh|file):\/\/[^\s-][^\s]*$/.test(url) ||
    /^\/[^\s]*$/.test(url) ||
    /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^\s-][^\s]*$/.test(url)
  )
}

/** As many characters of git's words as a line of the log has room for: the last ones say most. */
const LONGEST_REASON = 500

/** Why git has failed, in its own words: all lines in one, down to the last. */
export function reasonOf({ stderr, why }: Pick<CommandFailed, 'stderr' | 'why'>): string {
  const lines = withoutSecrets(stderr)
    .split('\n')
    .map(line => line.trim())
  const text = lines.filter(line => line !== '').join('; ')
  if (text === '') return why
  const remedy = /couldn't find remote ref HEAD/.test(text) ? '; name a branch: --branch NAME' : ''
  return text.slice(-LONGEST_REASON) + remedy
}

export function openClone(run: Run, remote: Remote, state: string, home: string | undefined): Clone {
  const { url, branch } = remote
  const id = createHash('sha256')
    .update(`${url}\n${branch ?? ''}`)
    .digest('hex')
    .slice(0, 16)
  const directory = join(state, 'git', `${id}.git`)
  const followed = branch === null ? 'HEAD' : `refs/heads/${branch}`
  const environment = {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=20',
    // For ~/.netrc and ~/.ssh alone: where a key to a private repository lies.
    ...(home === undefined ? {} : { HOME: home }),
  }
  const settings = Object.entries(SETTINGS).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const git = async (args: string[], more: { timeout?: number; signal?: AbortSignal } = {}) => {
    const options = { environment, mostOutput: LARGEST + 1, ...more }
    return (await run('git', [...settings, `--git-dir=${directory}`, ...args], options)).stdout
  }

  const prepare = async () => {
    if (existsSync(join(directory, 'HEAD'))) return
    // What was begun and cut off is begun anew.
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    await git(['init', '--quiet', '--bare', '--template='])
  }
  return {
    directory,
    fetch: async signal => {
      await prepare()
      const flags = ['--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head']
      // With `+` wherever the branch goes, back too: it says what is to be, a force-push as well.
      await git(['fetch', ...flags, '--', url, `+${followed}:${HEAD}`], { timeout: FETCH, signal })
      return commitIn(await git(['rev-parse', '--verify', `${HEAD}^{commit}`]))
    },
    fetched: async () => {
      if (!existsSync(join(directory, 'HEAD'))) return null
      return git(['rev-parse', '--verify', '--quiet', `${HEAD}^{commit}`]).then(
        text => commitIn(text),
        () => null,
      )
    },
    read: async (commit, path) => {
      const entry = path === '' ? null : (await list(git, commit, path))[0]
      if (entry === undefined) throw new NotInCommit(`${path}: not in commit ${commit.slice(0, 12)}`)
      const entries =
        entry === null || entry.type === 'tree'
          ? (await list(git, commit, path === '' ? '' : `${path}/`)).filter(isTopologyFile)
          : [entry]
      if (entries.length === 0)
        throw new NotInCommit(`${path || 'the repository'}: no topology file in it (*.yaml, *.yml)`)
      if (entries.length > MOST_FILES)
        throw new NotInCommit(`${path}: more than ${MOST_FILES} topology files`)
      return Promise.all(entries.map(one => readBlob(git, one)))
    },
  }
}

interface Entry {
  mode: string
  type: string
  object: string
  size: number
  path: string
}

type Git = (args: string[]) => Promise<string>

async function list(git: Git, commit: string, path: string): Promise<Entry[]> {
  const text = await git(['ls-tree', '-z', '-l', '--full-tree', commit, ...(path === '' ? [] : ['--', path])])
  const lines = text.split('\0')
  // A file that is not listed would pass for one that is gone, and its topology be destroyed.
  if (lines.pop() !== '') throw new GarbledOutput('git ls-tree', 'printed an entry without its end')
  return lines.map(line => {
    const [, mode, type, object, size, name] = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? []
    if (mode === undefined || type === undefined || object === undefined || name === undefined)
      throw new GarbledOutput('git ls-tree', `printed what is no entry: ${line.slice(0, 120)}`)
    return { mode, type, object, size: Number(size), path: name }
  })
}

function commitIn(text: string): string {
  const commit = text.trim()
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    throw new GarbledOutput('git rev-parse', `printed no commit: ${commit.slice(0, 120)}`)
  return commit
}

function isTopologyFile({ type, path }: Entry): boolean {
  return type !== 'tree' && /(^|\/)[^./][^/]*\.ya?ml$/.test(path)
}

async function readBlob(git: Git, { mode, type, object, size, path }: Entry): Promise<Blob> {
  if (mode === '120000') return { path, refused: 'is a symbolic link; only plain files are read' }
  if (type !== 'blob') return { path, refused: 'is not a file' }
  if (size > LARGEST) return { path, refused: `is larger than ${LARGEST} bytes` }
  try {
    const text = await git(['cat-file', 'blob', object])
    const read = Buffer.byteLength(text)
    return read === size
      ? { path, text }
      : { path, refused: `cannot be read: git printed ${read} bytes of ${size}, or it is not UTF-8` }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    return { path, refused: `cannot be read: ${error.message}` }
  }
}
