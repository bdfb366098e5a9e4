import {
  accessSync,
  constants,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'

/** The Debian package that brings each tool, for the error that says it is missing. */
const PACKAGES: Record<string, string> = {
  ip: 'iproute2',
  ss: 'iproute2',
  tc: 'iproute2',
  bridge: 'iproute2',
  sysctl: 'procps',
  conntrack: 'conntrack',
  nft: 'nftables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  xargs: 'findutils',
  grep: 'grep',
  mount: 'mount',
  flock: 'util-linux',
  git: 'git',
  stdbuf: 'coreutils',
  'systemd-notify': 'systemd',
}

const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

export function packageOf(tool: string): string {
  return PACKAGES[tool] ?? 'iptables'
}

export class MissingTool extends Error {
  readonly tool: string

  constructor(tool: string) {
    super(
      `${tool}: not found in a directory that only root can write; install the package ${packageOf(tool)}`,
    )
    this.name = 'MissingTool'
    this.tool = tool
  }
}

/**
 * Absolute path of a tool. Root runs nothing that another user could have put there: a candidate counts only if it,
 * and every directory and link on the way to it, belongs to root, and nobody else may write to it; a directory that
 * others may write to is no place for tools, sticky or not.
 */
export function findTool(tool: string, path = process.env.PATH ?? ''): string | null {
  const directories = [...path.split(delimiter).filter(isAbsolute), ...SYSTEM_DIRECTORIES]
  for (const directory of directories) {
    const candidate = join(directory, tool)
    if (isExecutable(candidate) && (process.getuid?.() !== 0 || isOfRootAlone(candidate))) return candidate
  }
  return null
}

/** Whether a user's own command would be found on their own path. */
export function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some(directory => isExecutable(join(directory || '.', program)))
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isOfRootAlone(candidate: string): boolean {
  const directory = realpathSync(dirname(candidate))
  return (statSync(directory).mode & 0o022) === 0 && isTrusted(candidate)
}

/** Whether only root decides what is there: no part of the way to it, links included, is anybody else's. */
function isTrusted(path: string, links = 0): boolean {
  if (links > MOST_LINKS) return false
  const parent = dirname(path)
  if (parent !== path && !isTrusted(parent, links)) return false
  const found = lstatSync(path)
  if (!isRoots(found)) return false
  if (found.isSymbolicLink()) return isTrusted(resolve(parent, readlinkSync(path)), links + 1)
  // In a sticky directory, such as /tmp, others cannot take away or replace what is root's.
  return (found.mode & 0o022) === 0 || (found.isDirectory() && (found.mode & 0o1000) !== 0)
}

const MOST_LINKS = 40

function isRoots({ uid }: Stats): boolean {
  return uid === 0 || (inUserNamespace() && uid === overflowUid())
}

/** In a user namespace the real root's files show as the overflow user's. */
function inUserNamespace(): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
}

function overflowUid(): number {
  return Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'))
}
