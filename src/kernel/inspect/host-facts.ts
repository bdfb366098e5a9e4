import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DoctorFacts, Tool } from '../../model/host/facts.ts'
import type { Run } from '../process/run.ts'
import { findTool, packageOf } from '../process/tools.ts'

const TOOLS = [
  ...['ip', 'ss', 'tc', 'iptables', 'ip6tables', 'conntrack', 'nft', 'sysctl'],
  ...['nsenter', 'unshare', 'flock', 'xargs', 'grep', 'mount'],
]
/** Those whose version says something: how each is asked, and which part of the answer it is. */
const VERSIONS: Record<string, RegExp> = {
  ip: /iproute2-([\w.]+)/,
  iptables: /v([\w.]+(?: \(\w+\))?)/,
  conntrack: /v([\w.]+)/,
  nft: /v([\w.]+)/,
}

/** Where each tool is, and the versions of those that matter. */
export async function readTools(run: Run): Promise<Tool[]> {
  return Promise.all(
    TOOLS.map(async name => {
      const path = findTool(name)
      const pattern = VERSIONS[name]
      const answer =
        path === null || !pattern ? null : await run(name, [name === 'nft' ? '-v' : '-V']).catch(() => null)
      return {
        name,
        package: packageOf(name),
        path,
        version: (answer && pattern?.exec(answer.stdout + answer.stderr)?.[1]) ?? null,
      }
    }),
  )
}

/** How many connections the kernel keeps track of; null where it does not yet. */
export function readConntrack(): DoctorFacts['conntrack'] {
  const [count, max] = ['count', 'max'].map(name => textOf(`/proc/sys/net/netfilter/nf_conntrack_${name}`))
  return count && max ? { count: Number(count), max: Number(max) } : null
}

/** ufw is a set of rules and a file that says whether they are put at boot. */
export function readUfw(): boolean {
  return /^\s*ENABLED\s*=\s*yes/im.test(textOf('/etc/ufw/ufw.conf') ?? '')
}

/** Interfaces that NetworkManager configures; those it only looks at are `externally` connected. */
export async function readManaged(run: Run): Promise<string[]> {
  if (findTool('nmcli') === null) return []
  const answer = await run('nmcli', ['-t', '-f', 'DEVICE,STATE', 'device'], { timeout: 5_000 }).catch(
    () => null,
  )
  return (answer?.stdout ?? '').split('\n').flatMap(line => {
    const [, name, state] = /^(.+):([^:]*)$/.exec(line) ?? []
    return name && state && !/unmanaged|externally|unavailable/.test(state) ? [name] : []
  })
}

const NETWORK_FILES = ['/etc/systemd/network', '/run/systemd/network']

/** Files that would make systemd-networkd configure a veth. */
export function readNetworkFiles(): DoctorFacts['networkFiles'] {
  return NETWORK_FILES.flatMap(directory =>
    entriesOf(directory)
      .filter(name => name.endsWith('.network'))
      .flatMap(name => {
        const path = join(directory, name)
        const matches = vethMatches(textOf(path) ?? '')
        return matches.length > 0 ? [{ path, matches }] : []
      }),
  )
}

/** What of a `.network` file's [Match] lets a veth in; nothing where a condition keeps it out. */
export function vethMatches(text: string): string[] {
  const section = /^\[Match\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? ''
  const lines = section.split('\n').flatMap(line => {
    const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    return key && value ? [{ key, words: value.split(/\s+/) }] : []
  })
  const lets = ({ key, words }: (typeof lines)[number]): boolean => {
    if (key === 'Name') return admits(words, ['veth0', 'web-eth0'])
    // To udev a veth is an Ethernet interface.
    if (key === 'Type') return admits(words, ['ether'])
    if (key === 'Kind' || key === 'Driver') return admits(words, ['veth'])
    return false
  }
  return lines.length > 0 && lines.every(lets)
    ? lines.map(({ key, words }) => `${key}=${words.join(' ')}`)
    : []
}

/** A list of patterns; one that begins with `!` is of those that are not meant. */
function admits(words: string[], values: string[]): boolean {
  const negated = words[0]?.startsWith('!') ?? false
  const patterns = words.map(word => globOf(word.replace(/^!/, '')))
  return values.some(value => patterns.some(pattern => pattern.test(value))) !== negated
}

function globOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|\\[\]]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`)
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch {
    return []
  }
}
