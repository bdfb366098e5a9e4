/**
 * Makes snapshot.json of the cases that have a host.sh: runs that script on a sandbox's fresh host, takes a snapshot of
 * what it leaves, and keeps what differs from the case whose script it begins with (`. ../other/host.sh`), or from
 * base-snapshot.json. Run: npx tsx test/cases/record.ts [CASE…], `base` for the base.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Link, NetworkState, Snapshot } from '../../src/model/host/snapshot.ts'
import type { Json } from '../../src/model/plan/resource.ts'
import { partOf, snapshotOf } from './snapshots.ts'

const CASES = fileURLToPath(new URL('.', import.meta.url))
const NSCTL = fileURLToPath(new URL('../../dist/nsctl.cjs', import.meta.url))

function record(name: string): void {
  if (name === 'base') {
    write(`${CASES}/base-snapshot.json`, take('true', CASES) as unknown as Json)
    return
  }
  const directory = `${CASES}/${name}`
  const script = readFileSync(`${directory}/host.sh`, 'utf8')
  const over = /^\. \.\.\/([^/\s]+)\/host\.sh$/m.exec(script)?.[1] ?? null
  const whole = take('. ./host.sh', directory) as unknown as Json
  const base = snapshotOf(over ?? '.') as unknown as Json
  write(`${directory}/snapshot.json`, {
    ...(over === null ? {} : { over }),
    ...(partOf(whole, base) as object),
  })
}

/** What a script leaves on a fresh host. */
function take(script: string, cwd: string): Snapshot {
  const prelude = `nsctl() { ${process.execPath} ${NSCTL} "$@"; }; echo 'nameserver 192.0.2.53' > /etc/resolv.conf`
  const commands = `set -eu; ${prelude}; { ${script}\n} >&2; nsctl snapshot`
  const args = [NSCTL, 'sandbox', '--', 'sh', '-c', commands]
  const text = execFileSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: 'pipe',
  })
  return trimmed(JSON.parse(text))
}

/** Without what no plan looks at, with an uplink like hardware, and without what differs from run to run. */
function trimmed(snapshot: Snapshot): Snapshot {
  const { outside: _, ...namespaces } = snapshot.namespaces
  const host = { ...trimmedNetwork(snapshot.host), kernel: '6.18.0' }
  const small = {
    ...snapshot,
    host: { ...snapshot.host, ...host, links: host.links.map(asHardware) },
    namespaces: Object.fromEntries(
      Object.entries(namespaces).map(([name, state]) => [
        name,
        {
          ...state,
          ...trimmedNetwork(state),
          sysctls: claimedOrRouting(state.sysctls, snapshot.claims, name),
        },
      ]),
    ),
  }
  return settled(small)
}

function trimmedNetwork({ links, routes, rules, sysctls }: NetworkState) {
  const names = ['all', ...links.map(({ name }) => name)].join('|')
  const matters = new RegExp(
    `^net/(ipv4/ip_forward|ipv[46]/conf/(${names})/(forwarding|force_forwarding|route_localnet|rp_filter|accept_ra)|bridge/bridge-nf-call-ip6?tables)$`,
  )
  return {
    links,
    routes: routes.filter(({ table, to }) => table !== 255 && !to.startsWith('fe80:')),
    rules: rules.filter(({ protocol }) => protocol !== 2),
    sysctls: Object.fromEntries(Object.entries(sysctls).filter(([key]) => matters.test(key))),
  }
}

function claimedOrRouting(
  sysctls: NetworkState['sysctls'],
  claims: Snapshot['claims'],
  scope: string,
): NetworkState['sysctls'] {
  const keys = claims.filter(claim => claim.kind === 'sysctl' && claim.scope === scope).map(({ key }) => key)
  const kept = ['net/ipv4/ip_forward', ...keys]
  return Object.fromEntries(Object.entries(sysctls).filter(([key]) => kept.includes(key)))
}

function asHardware(link: Link): Link {
  return link.peer?.namespace === 'outside' ? { ...link, kind: null, peer: null } : link
}

/** MACs, addresses made of them, and pids, in the order in which they come. */
function settled<T>(value: T): T {
  const patterns: [RegExp, (count: number) => string][] = [
    [/(?<="mac":")(?!00:00:00:|02:)[0-9a-f:]{17}/g, count => `12:34:56:00:00:${hex(count)}`],
    [/(?<=")fe80::[0-9a-f:]+ff:fe[0-9a-f:]+(?=\/)/g, count => `fe80::ff:fe00:${count.toString(16)}`],
    [/(?<="pid":|\(pid )\d+/g, count => String(100 + count)],
  ]
  const text = patterns.reduce((before, [pattern, make]) => {
    const names = new Map<string, string>()
    return before.replace(pattern, found => {
      if (!names.has(found)) names.set(found, make(names.size + 1))
      return names.get(found) ?? found
    })
  }, JSON.stringify(value))
  return JSON.parse(text)
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0')
}

function write(path: string, value: Json): void {
  writeFileSync(path, `${compact(value, '')}\n`)
}

/** JSON with as much on a line as fits. */
function compact(value: Json, indent: string): string {
  const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
  if (flat.length + indent.length <= 110 || value === null || typeof value !== 'object') return flat
  const deeper = `${indent}  `
  const items = Array.isArray(value)
    ? value.map(item => compact(item, deeper))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${compact(item, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${items.map(item => `${deeper}${item}`).join(',\n')}\n${indent}${close}`
}

const all = readdirSync(CASES).filter(name => existsSync(`${CASES}/${name}/host.sh`))
const asked = process.argv.slice(2)
// A case stands on another one's snapshot: that comes first.
const rank = (name: string) => (/^\. \.\.\//m.test(readFileSync(`${CASES}/${name}/host.sh`, 'utf8')) ? 1 : 0)
const wanted = asked.length > 0 ? asked : ['base', ...all.toSorted((a, b) => rank(a) - rank(b))]
for (const name of wanted) {
  console.log(name)
  record(name)
}
