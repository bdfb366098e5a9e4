import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../process/run.ts'
import { askNamespaces } from './in-namespaces.ts'
import { GarbledOutput } from './json.ts'

const ROOT = '/proc/sys'

const OF_HOST = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/forwarding',
  'net/ipv4/conf/all/rp_filter',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv4/conf/default/forwarding',
  'net/ipv4/conf/default/route_localnet',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/default/force_forwarding',
  'net/ipv4/icmp_echo_ignore_all',
  'net/ipv6/icmp/echo_ignore_all',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
]

const OF_INTERFACE = {
  ipv4: ['forwarding', 'route_localnet', 'rp_filter'],
  ipv6: ['forwarding', 'accept_ra', 'force_forwarding', 'disable_ipv6'],
}

/**
 * The host's values: those asked for, and those that forwarding rests on, of every interface. Where the settings of
 * an interface are given they are not read again.
 */
export function readHostSysctls(
  interfaces: Map<string, Record<string, string> | null>,
  wanted: string[],
): Record<string, string> {
  const found: Record<string, string> = {}
  const read = (keys: string[]) => {
    for (const key of keys) {
      const value = readValue(key)
      if (value !== null) found[key] = value
    }
  }
  read(OF_HOST)
  for (const [name, settings] of interfaces) {
    if (settings === null) read(keysOf(name))
    else Object.assign(found, settings)
  }
  read(wanted.filter(isKey))
  return found
}

/** All that the host has: with a thousand interfaces a hundred thousand files, which `grep` reads four times as fast. */
export async function readAllHostSysctls(run: Run): Promise<Record<string, string>> {
  const { stdout } = await run('grep', printing([`${ROOT}/net`]), { accept: UNREADABLE })
  return parseGrep(stdout.split('\n').slice(0, -1))
}

function keysOf(name: string): string[] {
  return [
    ...OF_INTERFACE.ipv4.map(key => `net/ipv4/conf/${name}/${key}`),
    ...OF_INTERFACE.ipv6.map(key => `net/ipv6/conf/${name}/${key}`),
  ]
}

/**
 * Values inside namespaces: /proc/sys/net shows the namespace of who reads it, so a process has to go there. `grep`
 * prints each file's path with its value, which no interface name can spoil; `sysctl` turns `.` and `/` around.
 */
export async function readNamespaceSysctls(
  run: Run,
  wanted: Map<string, string[]>,
  everything: boolean,
): Promise<Map<string, Record<string, string>>> {
  const keys = [...new Set([...wanted.values()].flat().filter(isKey))]
  const names = [...wanted.keys()].filter(name => everything || wanted.get(name)?.some(isKey))
  if (names.length === 0) return new Map()
  const question = {
    command: ['grep', ...printing(everything ? [`${ROOT}/net`] : keys.map(key => `${ROOT}/${key}`))],
    lines: null,
    first: `${MARKER}:`,
    accept: UNREADABLE,
  }
  const answers = await askNamespaces(run, names, question)
  return new Map(
    [...answers].map(([name, answer]) => [name, 'unreadable' in answer ? {} : parseGrep(answer.lines)]),
  )
}

/** Arguments of `grep` that print files, and all below directories, each line with its path. */
function printing(paths: string[]): string[] {
  return ['-rsH', '', MARKER, ...paths, END]
}

/** What `grep` ends with where a file is not there, or can only be written. */
const UNREADABLE = [1, 2]

/** A file that is always there, in a spelling that no key has: it shows where the next namespace begins. */
const MARKER = `${ROOT}/net//core/somaxconn`

/** The same for where its settings end. */
const END = `${ROOT}/net/core//somaxconn`

function parseGrep(lines: string[]): Record<string, string> {
  // It prints these always: without them, that a setting is not there would be believed of who was not asked, or cut off.
  if (!lines[0]?.startsWith(`${MARKER}:`)) throw new GarbledOutput('grep', 'printed no settings at all')
  if (!lines.at(-1)?.startsWith(`${END}:`)) throw new GarbledOutput('grep', 'printed settings in part')
  return Object.fromEntries(
    lines.flatMap(line => {
      const colon = line.indexOf(':')
      const path = line.slice(ROOT.length + 1, colon)
      return colon < 0 || path.includes('//') || !isSetting(path)
        ? []
        : [[path, line.slice(colon + 1).trim()]]
    }),
  )
}

/** What root alone may read is nothing to hand on, and what counts is no setting: it is another at every look. */
function isSetting(key: string): boolean {
  return !/\/(stable_secret|tcp_fastopen_key|nf_conntrack_count)$/.test(key)
}

/** A key lies below /proc/sys/net and nowhere else, whatever the file says. */
function isKey(key: string): boolean {
  return key.startsWith('net/') && !/(^|\/)\.{0,2}(\/|$)|\0|\n/.test(key)
}

function readValue(key: string): string | null {
  try {
    return readFileSync(join(ROOT, key), 'utf8').trim()
  } catch (error) {
    // Not there, not to be read, or, of some that only can be written, not to be read by anybody.
    if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

const ABSENT = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL', 'EIO', 'EISDIR']
