import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRemoteUrl, openClone } from '../../kernel/git.ts'
import { takeLock } from '../../kernel/lock.ts'
import { requirePrivilege } from '../../kernel/privilege.ts'
import { isAlive, readWatch } from '../../kernel/watch-records.ts'
import { after, nextAction, START, type WatchEvent } from '../../watch/machine.ts'
import { type Context, Refused } from '../context.ts'
import { USAGE } from '../exit-codes.ts'
import type { Address } from './address.ts'
import { type Alarms, createAlarms } from './alarms.ts'
import { type GitSource, openRepository } from './git-source.ts'
import type { Metrics } from './metrics.ts'
import { type Overseer, openOverseer } from './overseer.ts'
import { openReport, type Report } from './report.ts'
import { openSenses } from './senses.ts'
import { openFiles, type Source } from './source.ts'
import { createWork, recordedFrom, type Work, type WorkOptions } from './work.ts'

export interface WatchOptions extends WorkOptions {
  git?: string
  /** Of `git`; `main` by default. */
  branch?: string
  metrics?: Address
}

/** Keeps the host as a file, a directory or a repository says, until it is told to stop. */
export async function watch(
  target: string | undefined,
  options: WatchOptions,
  context: Context,
): Promise<number> {
  if (options.branch !== undefined && options.git === undefined)
    throw new Refused('--branch is of a repository: it goes with --git URL', USAGE)
  requirePrivilege()
  const { logger } = context
  const { signal, stop } = context.catchSignals(name => logger.info({ signal: name }, 'stopping'))
  let report: Report | null = null
  const alarms = createAlarms()
  const overseer = await openOverseer(options.metrics, () => report?.troubled() ?? [], context)
  const { metrics } = overseer
  try {
    const source = await openSource(target, options, context, pulled(alarms, metrics, signal))
    refuseSecondWatcher(source, context)
    report = openReport(source.name, metrics, context)
    const senses = openSenses(source, alarms, options.interval * 1000, context)
    logger.info({ source: source.name, interval: options.interval }, 'watching')
    try {
      const tools = { source, options, alarms, senses, report, metrics, signal }
      await loop(createWork(tools, context), alarms, signal, overseer, report)
    } finally {
      senses.stop()
    }
    return 0
  } finally {
    report?.close()
    await overseer.close()
    await tidy(context)
    stop()
  }
}

/** One thing after the other: what is to be done next, and what is known afterwards, says the machine. */
async function loop(
  work: Work,
  alarms: Alarms,
  signal: AbortSignal,
  overseer: Overseer,
  report: Report,
): Promise<void> {
  let state = START
  const note = (event: WatchEvent) => {
    state = after(state, event, performance.now())
  }
  for (;;) {
    if (signal.aborted) note({ of: 'stop' })
    if (alarms.heard()) note({ of: 'alarm' })
    const action = nextAction(state, performance.now())
    switch (action.do) {
      case 'end':
        return
      case 'look':
        overseer.begins()
        note(await work.look(action.failing, state))
        break
      case 'repair':
        overseer.begins()
        note(await work.mend(action.name))
        break
      case 'wait':
        await overseer.rests(report.summary())
        await alarms.until(action.until, signal)
    }
  }
}

type Pulled = (repository: GitSource, interval: number) => Promise<void>

async function openSource(
  target: string | undefined,
  { git, branch = 'main', interval, accept }: WatchOptions,
  context: Context,
  pull: Pulled,
): Promise<Source> {
  if (git === undefined) {
    if (target === undefined) throw new Refused('watch what? a file, a directory, or --git URL', USAGE)
    return openFiles(target, context, accept)
  }
  if (!isRemoteUrl(git))
    throw new Refused(`--git ${git}: expected https://…, ssh://…, user@host:path, file:///… or /…`, USAGE)
  const { STATE_DIRECTORY, HOME } = context.environment
  const clone = openClone(context.run, { url: git, branch }, resolve(STATE_DIRECTORY ?? STATE), HOME)
  const repository = await openRepository(clone, { url: git, branch, path: target ?? PLACE }, context, accept)
  await pull(repository, interval * 1000)
  return repository
}

const STATE = '/var/lib/nsctl'
const PLACE = 'hosts/{hostname}.yaml'

/**
 * Fetches again and again. The first time it is waited for only where nothing was fetched before: a host that comes up
 * without network has its namespaces all the same.
 */
function pulled(alarms: Alarms, metrics: Metrics | null, signal: AbortSignal): Pulled {
  return async (repository, interval) => {
    const pull = async () => {
      if (await repository.pull(signal)) alarms.raise('git')
      metrics?.fetched(repository.state().unreachable === null)
    }
    const goOn = async () => {
      while (!signal.aborted) {
        const delay = interval * (0.9 + 0.2 * Math.random())
        await sleep(delay, undefined, { ref: false, signal }).catch(() => {})
        if (!signal.aborted) await pull()
      }
    }
    const first = pull()
    if (repository.state().commit === null) await first
    void first.then(goOn)
  }
}

/** Two that watch one topology would undo each other's work. */
function refuseSecondWatcher(source: Source, { pid }: Context): void {
  for (const name of recordedFrom(source)) {
    const other = readWatch(name)
    if (other && other.pid !== pid && isAlive(other))
      throw new Refused(`${name} is watched already: by pid ${other.pid}, from ${other.source}`)
  }
}

/** Nothing recorded, nothing left in /run: but not while somebody else is at work there. */
async function tidy({ hold }: Context): Promise<void> {
  try {
    await (await takeLock(hold, 0))()
  } catch {
    // Whoever holds the lock tidies up.
  }
}
