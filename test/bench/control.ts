import { type Host, NSCTL } from '../kernel/host/host.ts'
import { type Peer, timePeer } from './peers.ts'
import { createPlace, settle, time } from './place.ts'
import { absolute, compared, type Row } from './result.ts'
import { interleaved } from './stats.ts'
import { asBatches, asTopology, asTutorial, members, TOPOLOGY, WITHOUT_RULES } from './work.ts'

/** At most this, as a multiple of the limit, for the size or the next larger one. */
const CREATE_GOALS: Record<number, number> = { 10: 4, 100: 2.3, 1000: 2.0 }
const NOOP_GOALS: Record<number, number> = { 100: 14, 1000: 16 }
const NETLINK_GOALS: Record<number, number> = { 100: 6, 1000: 4 }
/** Four times ahead. */
const PEER_GOAL = 0.25
const EDIT_PROCESSES = 10
const DESTROY_GOAL = 1.3
const MEMORY_GOAL = 150

const nsctl = (...args: string[]) => [process.execPath, NSCTL, ...args]
const FILE = '/run/bench/bench.yaml'
const EDITED = '/run/bench/edited.yaml'

interface Wanted {
  size: number
  parts: Row['part'][]
  rounds: number
  /** The compiled limit.c; null where there is no compiler. */
  limit: string | null
  largest: boolean
  peers: Peer[]
}

/** The control plane at one size, on a host of its own. */
export async function measureControl(wanted: Wanted): Promise<Row[]> {
  const { size, parts, rounds, limit, largest } = wanted
  await using host = await createPlace()
  await prepare(host, size)
  const wants = (part: Row['part']) => parts.includes(part)
  const rows: Row[] = []
  if (wants('create') || wants('destroy')) rows.push(...(await createAndDestroy(host, wanted)))
  if (!wants('noop') && !wants('edit') && !(wants('memory') && largest)) return rows
  await time(host, nsctl('apply', FILE, '--yes'))
  if (wants('noop')) rows.push(...(await readAll(host, size, rounds, limit)))
  if (wants('edit')) rows.push(...(await edit(host, size, rounds)))
  if (wants('memory') && largest) rows.push(await memory(host, size))
  return rows
}

/** The same work in everybody's own words, written before anything is timed. */
async function prepare(host: Host, size: number): Promise<void> {
  const files = {
    'bench.yaml': asTopology(size),
    'edited.yaml': asTopology(size, true),
    'tutorial.sh': asTutorial(size),
    'batch.sh': BATCH,
    'unbatch.sh': UNBATCH,
    'read.sh': READ,
    'query.sh': QUERY,
    'without-rules': WITHOUT_RULES,
    ...asBatches(size),
  }
  // One archive, since a process for each of a thousand files takes longer than what is measured.
  const script = Object.entries(files).map(([name, text]) => `cat > /run/bench/${name} <<'END'\n${text}END\n`)
  await host.run('mkdir', ['-p', '/run/bench/in'])
  await host.run('sh', ['-s'], { input: script.join('') })
}

const BATCH = `set -e
cd /run/bench
ip -batch links
xargs -P2 -I{} ip -n {} -batch in/{} < names
iptables-restore --noflush < rules
`

/** The order that leaves nothing open: links down, links gone, rules, namespaces. */
const UNBATCH = `set -e
cd /run/bench
ip -batch down
ip -batch doomed
ip link del group 999
iptables-restore --noflush < without-rules
ip -batch unname
`

const READ = `set -e
cd /run/bench
ip -j -d -batch look
xargs -P2 -I{} ip -j -d -n {} -batch look < names
iptables-save
ip6tables-save
`

/** As one looks by hand. */
const QUERY = `set -e
ip addr show
ip route show table all
for name in $(ip netns | cut -d' ' -f1); do
  ip netns exec $name ip link show
  ip netns exec $name ip addr show
  ip netns exec $name ip route show table all
done
iptables-save
`

type Maker = 'limit' | 'nsctl' | 'batch' | 'tutorial'

async function createAndDestroy(host: Host, { size, parts, rounds, limit, peers }: Wanted): Promise<Row[]> {
  const others = peers.filter(({ most }) => parts.includes('create') && size <= most)
  const destroys: Record<'nsctl' | 'batch', number[]> = { nsctl: [], batch: [] }
  const makers: Record<Maker, string[] | null> = {
    limit:
      limit === null
        ? null
        : ['sh', '-ec', `${limit} create ${size}; iptables-restore --noflush < /run/bench/rules`],
    nsctl: nsctl('apply', FILE, '--yes'),
    batch: ['sh', '/run/bench/batch.sh'],
    tutorial: ['sh', '-e', '/run/bench/tutorial.sh'],
  }
  const names = [...Object.keys(makers), ...others.map(({ name }) => name)]
  const made = await interleaved(names, rounds, async (maker, round) => {
    const peer = others.find(({ name }) => name === maker)
    if (peer) return size >= 1000 && round > 0 ? null : timePeer(peer, size)
    const command = makers[maker as Maker]
    // What takes a minute and more is not worth a second one.
    if (command === null || (maker === 'tutorial' && size >= 1000 && round > 0)) return null
    const took = await time(host, command)
    if (maker === 'nsctl') destroys.nsctl.push(await time(host, nsctl('destroy', TOPOLOGY, '--yes')))
    else if (maker === 'batch') destroys.batch.push(await time(host, ['sh', '/run/bench/unbatch.sh']))
    else await clear(host, size)
    await settle()
    return took
  })
  const rows: Row[] = []
  if (parts.includes('create')) {
    const row = { part: 'create', label: `create ${size}`, size, unit: 'ms', values: made } as const
    rows.push(compared(row, 'nsctl', 'limit', CREATE_GOALS[size] ?? null))
    for (const { name } of others) {
      const values = { nsctl: made.nsctl ?? null, [name]: made[name] ?? null }
      const against = { ...row, label: `create ${size}, against ${name}`, values }
      rows.push(compared(against, 'nsctl', name, size >= 100 ? PEER_GOAL : null))
    }
  }
  if (parts.includes('destroy')) {
    const median = await interleaved(
      ['nsctl', 'batch'],
      destroys.nsctl.length,
      async (name, i) => destroys[name][i] ?? null,
    )
    const row = { part: 'destroy', label: `destroy ${size}`, size, unit: 'ms', values: median } as const
    rows.push(compared(row, 'nsctl', 'batch', size >= 1000 ? DESTROY_GOAL : null))
  }
  return rows
}

/** Fast and in any order: nobody is on this host. */
async function clear(host: Host, size: number): Promise<void> {
  const batch = (lines: string[]) => host.run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` })
  await batch(members(size).map(({ link }) => `link set dev ${link} group 999`))
  await host.run('ip', ['link', 'del', 'group', '999'])
  await batch(members(size).map(({ namespace }) => `netns del ${namespace}`))
  for (const table of ['nat', 'filter']) {
    await host.run('iptables', ['-t', table, '-F'])
    await host.run('iptables', ['-t', table, '-X'])
  }
  await host.run('iptables', ['-P', 'FORWARD', 'ACCEPT'])
  await host.run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=0'])
}

type Reader = 'limit' | 'nsctl' | 'netlink' | 'batch' | 'tutorial'

async function readAll(host: Host, size: number, rounds: number, limit: string | null): Promise<Row[]> {
  const readers: Record<Reader, string[] | null> = {
    limit: limit === null ? null : ['sh', '-ec', `${limit} read; iptables-save; ip6tables-save`],
    nsctl: nsctl('plan', FILE, '--detailed-exitcode', '--reader', 'ip'),
    netlink: nsctl('plan', FILE, '--detailed-exitcode', '--reader', 'netlink'),
    batch: ['sh', '/run/bench/read.sh'],
    tutorial: ['sh', '/run/bench/query.sh'],
  }
  const values = await interleaved(Object.keys(readers) as Reader[], rounds * 2, async (reader, round) => {
    const command = readers[reader]
    return command === null || (reader === 'tutorial' && size >= 100 && round > 0)
      ? null
      : time(host, command)
  })
  const row = { part: 'noop', label: `no-op plan ${size}`, size, unit: 'ms', values } as const
  const { limit: least, netlink } = values
  const quick = { ...row, label: `no-op plan ${size}, by netlink`, values: { limit: least, netlink } }
  return [
    compared(row, 'nsctl', 'limit', NOOP_GOALS[size] ?? null),
    compared(quick, 'netlink', 'limit', NETLINK_GOALS[size] ?? null),
  ]
}

/** One port moves, and back; in time, and in processes beyond those of a plan. */
async function edit(host: Host, size: number, rounds: number): Promise<Row[]> {
  const processes = { plan: 0, edit: 0 }
  const values = await interleaved(['nsctl', 'no-op plan'], rounds * 2, async (name, round) => {
    const file = round % 2 === 0 ? EDITED : FILE
    const before = await lastPid(host)
    const took = await time(host, name === 'nsctl' ? nsctl('apply', file, '--yes') : nsctl('plan', FILE))
    processes[name === 'nsctl' ? 'edit' : 'plan'] = (await lastPid(host)) - before
    return took
  })
  await time(host, nsctl('apply', FILE, '--yes'))
  const row = { part: 'edit', size } as const
  return [
    compared({ ...row, label: `one-line edit ${size}`, unit: 'ms', values }, 'nsctl', 'no-op plan', null),
    absolute(
      {
        ...row,
        label: `one-line edit ${size}, beyond the no-op plan`,
        unit: 'processes',
        values: { nsctl: processes.edit - processes.plan },
      },
      'nsctl',
      EDIT_PROCESSES,
    ),
  ]
}

/** The host has a pid namespace of its own, which counts what was started in it. */
async function lastPid(host: Host): Promise<number> {
  return Number((await host.read('/proc/loadavg')).trim().split(' ').at(-1))
}

const PEAK =
  'process.on("exit",()=>require("fs").writeFileSync("/run/bench/peak",String(process.resourceUsage().maxRSS)))'

async function memory(host: Host, size: number): Promise<Row> {
  await host.write('/run/bench/peak.cjs', PEAK)
  await time(host, nsctl('apply', EDITED, '--yes'), { NODE_OPTIONS: '--require /run/bench/peak.cjs' })
  const values = { nsctl: Number(await host.read('/run/bench/peak')) / 1024 }
  const row = {
    part: 'memory',
    label: `peak memory of an apply at ${size}`,
    size,
    unit: 'MB',
    values,
  } as const
  return absolute(row, 'nsctl', MEMORY_GOAL)
}
