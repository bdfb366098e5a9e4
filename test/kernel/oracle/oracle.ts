import { setTimeout as sleep } from 'node:timers/promises'
import { parseJson } from '../../../src/kernel/read/json.ts'
import type { Result } from '../host/holder.ts'
import type { Host } from '../host/host.ts'
import { slowness } from '../host/patience.ts'
import { type Ruleset, readNft, readSaved } from './firewall.ts'
import { type LinkPicture, type RawLink, readLinks, readRoutes, unsettled } from './links.ts'

/** Everything on a host that nsctl could change, without what changes by itself; plain JSON, sorted. */
export interface Picture {
  namespaces: Record<string, NamespacePicture>
  /** Entries of /run/netns that are no mounted namespace. */
  brokenNamespaces: string[]
  mounts: string[]
  /** Path to `mode content`. */
  files: Record<string, string>
}

interface NamespacePicture {
  links: Record<string, LinkPicture>
  routes: string[]
  /** In order of precedence. */
  rules: { ipv4: string[]; ipv6: string[] }
  /** By directory below /proc/sys, then by name. */
  sysctls: Record<string, Record<string, string>>
  firewall: Record<string, Ruleset>
  nft: string[]
}

/** Where a picture is taken: a private host, or any place where tools can be run. */
type Looked = Pick<Host, 'run' | 'read'>

/** Longer than duplicate address detection takes from a first look: one second, and up to one more before it starts. */
const PATIENCE = 5_000 * slowness()

/**
 * Sections in one go, because starting processes from here costs more than all they do. No look may create anything,
 * but for legacy's tables in a user namespace: there their names may not be seen, and to ask for one makes it.
 */
const LOOK = `
export LC_ALL=C
section() { printf '\\n\\001%s\\n' "$1"; }
section links; ip -N -d -j addr
section routes4; ip -N -d -j -4 route show table all
section routes6; ip -N -d -j -6 route show table all
section rules4; ip -N -j -4 rule
section rules6; ip -N -j -6 rule
section sysctls; grep -rs . /proc/sys/net/ipv4 /proc/sys/net/ipv6
for family in '' 6; do
  section "nft$family"; command -v ip\${family}tables-nft-save >/dev/null && ip\${family}tables-nft-save
  section "legacy$family"
  if names=$(cat /proc/net/ip\${family}_tables_names 2>&1); then
    if [ "$names" ]; then ip\${family}tables-legacy-save; fi
  elif [ "\${names%Permission denied}" != "$names" ]; then
    for table in raw mangle nat filter security; do ip\${family}tables-legacy-save -t $table 2>/dev/null; done
  fi
done
section ruleset; if command -v nft >/dev/null; then nft -j list ruleset; fi
exit 0
`

const FILES = `
for top in /etc/netns /run/nsctl; do
  find "$top" -printf '\\001%p\\n%y %m\\n' \\( -type f -exec cat {} \\; -o -type l -printf '%l' -o -true \\) 2>/dev/null
done
exit 0
`

/** Takes the picture once no address is tentative and no link is still finding out its state. */
export async function picture(host: Looked): Promise<Picture> {
  let deadline = Number.POSITIVE_INFINITY
  for (;;) {
    const { value, unsettled } = await take(host)
    if (unsettled.length === 0 || Date.now() > deadline) return value
    // From the first picture on, which on a busy machine may take longer than there is to wait.
    deadline = Math.min(deadline, Date.now() + PATIENCE)
    // A whole picture costs far more than a look at the links that keep it waiting.
    for (const name of unsettled) {
      while (Date.now() < deadline && !(await settles(host, name, value))) await sleep(100)
    }
  }
}

async function settles(host: Looked, name: string, { namespaces }: Picture): Promise<boolean> {
  const { stdout } = await inNamespace(host, name, 'ip', ['-N', '-d', '-j', 'addr'])
  return isSettled(linksIn(stdout), namespaces[name || 'host']?.sysctls ?? {})
}

async function take(host: Looked): Promise<{ value: Picture; unsettled: string[] }> {
  const mounts = (await host.read('/proc/self/mountinfo')).split('\n').filter(line => line !== '')
  const [listed, files] = await Promise.all([
    host.run('ls', ['-1', '/run/netns'], { reject: false }),
    host.run('sh', ['-c', FILES]),
  ])
  const entries = listed.stdout.split('\n').filter(name => name !== '')
  const mounted = new Set(mounts.filter(line => line.includes(' - nsfs ')).map(line => line.split(' ')[4]))
  const isMounted = (name: string) => mounted.has(`/run/netns/${escapeMount(name)}`)

  const looks = await Promise.all(
    ['', ...entries.filter(isMounted)].map(async name => {
      return [name, readLook((await inNamespace(host, name, 'sh', ['-c', LOOK])).stdout)] as const
    }),
  )
  return {
    value: {
      namespaces: Object.fromEntries(looks.map(([name, look]) => [name || 'host', look.value])),
      brokenNamespaces: entries.filter(name => !isMounted(name)),
      // In their order only where one covers another.
      mounts: mounts.map(readMount).sort((a, b) => compare(pointOf(a), pointOf(b))),
      files: readFiles(files.stdout),
    },
    unsettled: looks.flatMap(([name, { settled }]) => (settled ? [] : [name])),
  }
}

/** In the host's own where the name is empty. */
async function inNamespace(host: Looked, name: string, tool: string, args: string[]): Promise<Result> {
  return name === '' ? host.run(tool, args) : host.run('nsenter', [`--net=/run/netns/${name}`, tool, ...args])
}

function readLook(output: string): { value: NamespacePicture; settled: boolean } {
  const sections = new Map(
    output.split('\n\u0001').map(section => {
      const end = section.indexOf('\n')
      return [section.slice(0, end).replace('\u0001', ''), section.slice(end + 1)]
    }),
  )
  const text = (name: string) => sections.get(name) ?? ''
  const json = <T>(name: string) => listIn<T>(text(name))
  const raw = linksIn(text('links'))
  const sysctls = readSysctls(text('sysctls'))
  const value: NamespacePicture = {
    links: readLinks(raw),
    routes: [...readRoutes(json('routes4')), ...readRoutes(json('routes6'))],
    rules: {
      ipv4: json('rules4').map(rule => JSON.stringify(rule)),
      ipv6: json('rules6').map(rule => JSON.stringify(rule)),
    },
    sysctls,
    firewall: {
      'iptables-nft': readSaved(text('nft')),
      'ip6tables-nft': readSaved(text('nft6')),
      'iptables-legacy': readSaved(text('legacy')),
      'ip6tables-legacy': readSaved(text('legacy6')),
    },
    nft: readNft(text('ruleset'), { ip: text('nft'), ip6: text('nft6') }),
  }
  return { value, settled: isSettled(raw, sysctls) }
}

/** Names may hold what JSON knows nothing of. */
function listIn<T>(text: string): T[] {
  return parseJson('ip', text.trim() || '[]') as T[]
}

function linksIn(text: string): RawLink[] {
  return listIn<RawLink>(text).filter(link => link.ifname !== undefined)
}

function isSettled(links: RawLink[], sysctls: NamespacePicture['sysctls']): boolean {
  const hasIpv6 = (link: string) => sysctls[`net/ipv6/conf/${link}`]?.disable_ipv6 === '0'
  return !links.some(link => unsettled(link, hasIpv6(link.ifname)))
}

function readSysctls(text: string): NamespacePicture['sysctls'] {
  const sysctls: NamespacePicture['sysctls'] = {}
  for (const line of text.split('\n').sort()) {
    const [, directory, key, value] = /^\/proc\/sys\/([^:]+)\/([^/:]+):(.*)$/.exec(line) ?? []
    if (directory === undefined || key === undefined || value === undefined) continue
    sysctls[directory] ??= {}
    const values = sysctls[directory]
    values[key] = values[key] === undefined ? value : `${values[key]}\n${value}`
  }
  return sysctls
}

/** Without ids, device numbers, peer groups and inode numbers, which a mount gets anew each time. */
function readMount(line: string): string {
  const [before = '', after = ''] = line.split(' - ')
  const [, , , root = '', point = '', options = '', ...tags] = before.split(' ')
  const shared = tags.some(tag => tag.startsWith('shared:')) ? ' shared' : ''
  const [type = '', source = '', ...superOptions] = after.split(' ')
  return `${point} ${root.replace(/\[\d+\]/, '[]')} ${options}${shared} ${type} ${source} ${superOptions.join(' ')}`
}

function pointOf(mount: string): string {
  return mount.split(' ', 1)[0] ?? ''
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** As /proc/self/mountinfo writes a path. */
function escapeMount(path: string): string {
  return path.replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** An idle /run/nsctl has empty directories and the lock, which must stay: two could hold one that is removed. */
function isKept([path, entry]: readonly [string, string]): boolean {
  return !path.startsWith('/run/nsctl') || !/^(d \d+\n|f \d+\n$)/.test(entry)
}

function readFiles(text: string): Record<string, string> {
  const entries = text
    .split('\u0001')
    .slice(1)
    .map(entry => {
      const end = entry.indexOf('\n')
      return [entry.slice(0, end), entry.slice(end + 1)] as const
    })
  return Object.fromEntries(entries.filter(isKept).sort(([a], [b]) => (a < b ? -1 : 1)))
}
