import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Result, Started } from '../host/holder.ts'
import { type Host, NSCTL } from '../host/host.ts'
import { slowness } from '../host/patience.ts'

/** Where tools are looked for first, so that what is there stands in for them. */
const PLACE = '/run/stand-ins'
const TOOLS = [
  ...['ip', 'tc', 'ss', 'conntrack', 'nft', 'xargs', 'nsenter', 'grep', 'flock', 'iptables'],
  ...['', '6'].flatMap(family =>
    ['nft', 'legacy'].flatMap(variant => [
      `ip${family}tables-${variant}-restore`,
      `ip${family}tables-${variant}-save`,
    ]),
  ),
]
/** Milliseconds that nsctl gives a command where one is to hang; nothing that it runs takes so long. */
const IMPATIENCE = 2_000

const SCRIPT = readFileSync(new URL('./stand-in.sh', import.meta.url), 'utf8')
const FILES = fileURLToPath(new URL('./stand-in-fs.cjs', import.meta.url))

/** A call of a tool, known again by its arguments and how many there were of it before. */
export interface Call {
  key: string
  /** From 1. */
  nth: number
  sort: 'read' | 'change'
  /** Commands, or tables, that it carries out one after the other. */
  units: number
}

export type Act =
  | 'kill-before'
  | 'kill-during'
  | 'kill-after'
  | 'fail-before'
  | 'fail-after'
  | 'killed'
  | 'locked'
  | 'lie'
  | 'garbage'
  | 'truncated'
  | 'hang'
  | 'wait'
  | 'signal'
  | 'signal-after'

/** What is to happen at a command, or at a change to a file. */
export type Fault =
  | { at: Call; unit: number; act: Act; signal?: string; always?: boolean }
  /** At the nth of all calls, whichever that is. */
  | { any: number; act: Act }
  | { file: number; act: 'kill-before' | 'kill-after' | 'fail'; code?: string }

export interface StandIns {
  /** Runs nsctl among the stand-ins, with at most one fault. */
  nsctl(args: string[], fault?: Fault | null): Promise<Result>
  /** `through` is what is to start it, such as `setsid`. */
  start(args: string[], fault?: Fault | null, through?: string[]): Promise<Started>
  /** The calls of the last run; of nsenter and the tool it becomes only one: what is done to one is done to both. */
  calls(): Promise<Call[]>
  /** The changes to files of the last run, as `renameSync /path`. */
  files(): Promise<string[]>
  /** Whether the fault of the last run has come to pass. */
  wasHit(): Promise<boolean>
  /** Lets go what waits. */
  go(): Promise<void>
  /** Returns once something waits, or hangs. */
  waiting(): Promise<void>
  /** Ends what hangs. */
  endHanging(): Promise<void>
}

/** Puts stand-ins for all tools that nsctl uses in front of a private host's own. */
export async function standIns(host: Host): Promise<StandIns> {
  const sh = (script: string) => host.run('sh', ['-ec', script])
  await host.write(`${PLACE}/stand-in`, SCRIPT)
  await sh(`chmod 755 ${PLACE}; cd ${PLACE}
    for tool in ${TOOLS.join(' ')}; do
      if real=$(command -v $tool); then sed "s|@REAL@|$real|" stand-in > $tool; chmod 755 $tool; fi
    done`)

  const prepare = async (fault: Fault | null) => {
    const lines =
      fault && 'act' in fault && !('file' in fault)
        ? Object.entries(settingsOf(fault)).map(
            ([name, value]) => `${name}='${String(value).replaceAll("'", "'\\''")}'\n`,
          )
        : []
    await sh(
      `cd ${PLACE}; rm -f keys calls hits files waiting go hanging fault input.* output.*; touch keys calls files`,
    )
    if (lines.length > 0) await host.write(`${PLACE}/fault`, lines.join(''))
  }
  const command = (args: string[], fault: Fault | null) => {
    const ofFile =
      fault && 'file' in fault
        ? { nth: fault.file, act: fault.act, code: fault.code }
        : { nth: 0, patience: fault?.act === 'hang' ? IMPATIENCE * slowness() : null }
    return {
      argv: [
        '-c',
        `echo $$ > ${PLACE}/pid; exec "$@"`,
        'sh',
        process.execPath,
        '--require',
        FILES,
        NSCTL,
        ...args,
      ],
      env: { PATH: `${PLACE}:${process.env.PATH}`, STAND_IN_FS: JSON.stringify(ofFile) },
    }
  }
  const lines = async (name: string) =>
    (await host.read(`${PLACE}/${name}`)).split('\n').filter(line => line !== '')
  return {
    nsctl: async (args, fault = null) => {
      await prepare(fault)
      const { argv, env } = command(args, fault)
      return host.run('sh', argv, { env, reject: false })
    },
    start: async (args, fault = null, through = []) => {
      await prepare(fault)
      const { argv, env } = command(args, fault)
      const [tool, ...rest] = [...through, 'sh', ...argv] as [string, ...string[]]
      return host.start(tool, rest, { env })
    },
    calls: async () => {
      const seen = new Map<string, number>()
      const processes = new Map<string, Call>()
      for (const line of await lines('calls')) {
        const [pid = '', sort = '', units = '', key = ''] = line.split('\t')
        const nth = (seen.get(key) ?? 0) + 1
        seen.set(key, nth)
        // nsenter says where, and knows nothing of the units of a change.
        if (!processes.has(pid) || sort === 'change') {
          processes.set(pid, { key, nth, sort: sort as Call['sort'], units: Number(units) })
        }
      }
      return [...processes.values()]
    },
    files: async () => (await lines('files')).map(line => line.replace(/\.nsctl-[0-9a-f]+$/, '.nsctl-…')),
    wasHit: async () => (await host.run('test', ['-s', `${PLACE}/hits`], { reject: false })).exitCode === 0,
    go: async () => void (await sh(`touch ${PLACE}/go`)),
    waiting: async () =>
      void (await sh(`while [ ! -e ${PLACE}/waiting ] && [ ! -s ${PLACE}/hanging ]; do sleep 0.02; done`)),
    endHanging: async () => void (await sh(`kill -KILL $(cat ${PLACE}/hanging)`)),
  }
}

/** What the stand-ins read as `fault`. */
function settingsOf(fault: Exclude<Fault, { file: number }>): Record<string, string | number> {
  if ('any' in fault) return { want: '*', nth: fault.any, from: '', unit: 1, act: fault.act, signal: '' }
  const { at, unit, act, always, signal = '' } = fault
  return { want: at.key, nth: at.nth, from: always ? 'on' : '', unit, act, signal }
}
