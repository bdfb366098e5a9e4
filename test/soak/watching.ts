import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createHost, type Host, NSCTL } from '../kernel/host/host.ts'
import type { Part } from './report.ts'

const HEAP = fileURLToPath(new URL('./heap.cjs', import.meta.url))

/** What a watcher has, once all garbage is collected; KB. */
interface Footprint {
  repair: number
  rss: number
  heap: number
  external: number
  descriptors: number
  /** Processes on the host. */
  processes: number
}

const NAMESPACES = 40
const TTL = 'net.ipv4.ip_default_ttl'

const CONFIG = `name: web
uplinks: [default]
subnets: { ${Array.from({ length: NAMESPACES }, (_, i) => `s${i}: 10.1.${i}.0/24`).join(', ')} }
namespaces:
${Array.from({ length: NAMESPACES }, (_, i) => `  n${i}: { sysctls: { ${TTL}: 99 } }\n`).join('')}
veths:
${Array.from({ length: NAMESPACES }, (_, i) => `  - { subnet: s${i}, ends: [host:v${i}, n${i}:eth0] }\n`).join('')}
`

/** Each in another place than the one before, or the watcher would take it for a fight, and wait. */
const DAMAGES = [
  (i: number) => `ip -n n${i} link set eth0 down`,
  (i: number) => `ip address flush dev v${i}`,
  (i: number) => `ip link del v${i}`,
  (i: number) => `ip netns exec n${i} sysctl -q -w ${TTL}=12`,
]

/**
 * What is compiled as it becomes hot stays in the heap, less and less of it as time goes by; more than this share from one
 * half to the other is something else.
 */
const COMPILED = 0.1

/** Whether a watcher that mends and mends grows. */
export async function watching(repairs: number, say: (text: string) => void): Promise<Part> {
  say(`${repairs} damages that a watcher mends`)
  const every = Math.max(1, Math.ceil(repairs / 10))
  const footprints = await watched(repairs, every, footprint => say(JSON.stringify(footprint)))
  const [first, last] = [footprints[0], footprints.at(-1)]
  if (!first || !last) throw new Error('nothing was counted')
  const half = Math.ceil(footprints.length / 2)
  const [early, late] = [footprints.slice(0, half), footprints.slice(half)]
  // What runs for a moment is counted now and then: the least of later has to be within the most of before.
  const hasGrown = (name: 'descriptors' | 'processes' | 'heap') =>
    Math.min(...late.map(one => one[name])) >
    Math.max(...early.map(one => one[name])) * (name === 'heap' ? 1 + COMPILED : 1)
  const grown = (['descriptors', 'processes', 'heap'] as const).filter(hasGrown)
  return {
    name: 'a watcher',
    figures: {
      'damages mended': last.repair,
      'KB of heap at the first count': first.heap,
      'KB at the last': last.heap,
      'KB outside of it': last.external,
      'KB resident': last.rss,
      'open files': last.descriptors,
      processes: last.processes,
    },
    failures: grown.map(name => `${name} has grown from ${first[name]} to ${last[name]}`),
  }
}

/** Damages what a watcher keeps, over and over, and tells what the watcher has after every `every` repairs. */
async function watched(
  repairs: number,
  every: number,
  tell: (footprint: Footprint) => void,
): Promise<Footprint[]> {
  await using host = await createHost()
  await host.write('/run/config/web.yaml', CONFIG)
  const args = ['--require', HEAP, NSCTL, 'watch', '--interval', '1h', '/run/config/web.yaml']
  const watcher = await host.start(process.execPath, args, { ready: /: converged/ })
  const isOver = watcher.ended.then(({ stderr }) => {
    throw new Error(`the watcher has ended:\n${stderr.slice(-2000)}`)
  })
  isOver.catch(() => {})
  const converged = () => watcher.stderr().split(': converged').length
  const footprints: Footprint[] = []
  for (let repair = 1; repair <= repairs; repair++) {
    const before = converged()
    const damage = DAMAGES[Math.floor(repair / NAMESPACES) % DAMAGES.length] as (i: number) => string
    await host.run('sh', ['-ec', damage(repair % NAMESPACES)])
    while (converged() === before) await Promise.race([sleep(20), isOver])
    if (repair % every !== 0 && repair !== repairs) continue
    footprints.push({ repair, ...(await footprintOf(host, watcher.pid)) })
    tell(footprints.at(-1) as Footprint)
  }
  watcher.kill('SIGTERM')
  await watcher.ended
  return footprints
}

async function footprintOf(host: Host, pid: number): Promise<Omit<Footprint, 'repair'>> {
  await host.run('rm', ['-f', '/run/heap'])
  process.kill(pid, 'SIGUSR2')
  const { stdout } = await host.run('sh', [
    '-c',
    'while [ ! -s /run/heap ]; do sleep 0.02; done; cat /run/heap',
  ])
  const [rss = 0, heap = 0, external = 0] = stdout.trim().split(' ').map(Number)
  const counted = await host.run('sh', [
    '-c',
    'ls /proc | grep -c "^[0-9]"; ls /proc/[0-9]*/fd 2>/dev/null | wc -l',
  ])
  const [processes = 0, descriptors = 0] = counted.stdout.trim().split('\n').map(Number)
  return { rss, heap, external, descriptors, processes }
}
