import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'

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
}

const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

export class MissingTool extends Error {
  readonly tool: string

  constructor(tool: string) {
    const from = PACKAGES[tool] ?? 'iptables'
    super(`${tool}: not found in a directory that only root can write; install the package ${from}`)
    this.name = 'MissingTool'
    this.tool = tool
  }
}

/**
 * Absolute path of a tool. Root runs nothing that another user could have put there: a candidate counts only if it
 * and its directory belong to root and nobody else may write to them.
 */
export function findTool(tool: string, path = process.env.PATH ?? ''): string | null {
  const directories = [...path.split(delimiter).filter(isAbsolute), ...SYSTEM_DIRECTORIES]
  for (const directory of directories) {
    const candidate = join(directory, tool)
    if (isExecutable(candidate) && (process.getuid?.() !== 0 || isTrusted(candidate))) return candidate
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

function isTrusted(path: string): boolean {
  const target = realpathSync(path)
  return [target, dirname(target), dirname(path)].every(part => {
    const { uid, mode } = statSync(part)
    return (uid === 0 || (uid === overflowUid() && inUserNamespace())) && (mode & 0o022) === 0
  })
}

/** In a user namespace the real root's files show as the overflow user's. */
function inUserNamespace(): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
}

function overflowUid(): number {
  return Number(readFileSync('/proc/sys/kernel/overflowuid', 'utf8'))
}
