import { appliedTopologies, readApplied } from '../../kernel/records.ts'
import { messageOf } from '../../model/escape.ts'
import { rootsOf } from '../../planner/roots.ts'
import { markOfChange } from '../../watch/fights.ts'
import { after, type WatchEvent, type WatchState } from '../../watch/machine.ts'
import { type Tracked, tracked } from '../../watch/source.ts'
import type { Context, HostOptions } from '../context.ts'
import type { Alarms } from './alarms.ts'
import { lookAt, type Memory, type Seen } from './look.ts'
import type { Metrics } from './metrics.ts'
import { repair } from './repair.ts'
import type { Report } from './report.ts'
import type { Senses } from './senses.ts'
import type { Source } from './source.ts'

/** What a watcher does; each returns what came of it, and throws nothing. */
export interface Work {
  /** Reads the source and the host; `state` is what was known before. */
  look(failing: ReadonlyMap<string, string>, state: WatchState): Promise<WatchEvent>
  /** Mends what the last look found of a topology. */
  mend(name: string): Promise<WatchEvent>
}

export interface WorkOptions extends HostOptions {
  /** Seconds between two looks without any cause, and between two fetches. */
  interval: number
  /** Destroy what is taken out of the source. */
  prune: boolean
  /** Findings that are known and wanted, as `code:subject`. */
  accept: string[]
}

export interface Tools {
  source: Source
  options: WorkOptions
  alarms: Alarms
  senses: Senses
  report: Report
  metrics: Metrics | null
  /** Aborted when nsctl is told to stop. */
  signal: AbortSignal
}

export function createWork(tools: Tools, context: Context): Work {
  const { source, options, alarms, senses, report, metrics, signal } = tools
  const { logger } = context
  const memory: Memory = { pid: context.pid, uplinks: [], whole: source.whole }
  const said: string[] = []
  const quiet: Context = {
    ...context,
    write() {},
    say: text => void said.push(text),
    progress() {},
    waiting: () => () => {},
  }
  let topologies: Map<string, Tracked> = new Map()
  let seen = new Map<string, Seen>()

  /** What the host was converged to is what is looked after should the next text be wrong. */
  const noteGood = (names: string[]) => {
    for (const name of names) {
      const known = topologies.get(name)
      if (known?.wanted) topologies.set(name, { ...known, good: known.wanted })
    }
  }

  return {
    look: async (failing, state) => {
      const startedAt = performance.now()
      const causes = alarms.taken()
      try {
        const unit = { recorded: recordedFrom(source), prune: options.prune }
        const reading = await source.read()
        report.source(reading)
        topologies = tracked(topologies, reading, unit)
        const glance = await lookAt(topologies, failing, memory, options, quiet)
        seen = new Map(glance.seen.map(one => [one.look.name, one]))
        const found = glance.seen.map(one => one.look)
        noteGood(found.filter(isGood).map(({ name }) => name))
        const interval = options.interval * 1000
        const event: WatchEvent = { of: 'looked', startedAt, interval, chance: Math.random(), found }
        const now = performance.now()
        const pass = { alarms: causes, ms: now - startedAt, now, ruleWriter: senses.ruleWriter() }
        report.looked(glance, after(state, event, now), topologies, pass)
        await senses.attend(glance)
        return event
      } catch (error) {
        logger.error({ why: messageOf(error) }, 'the host cannot be read')
        metrics?.lookFailed()
        return { of: 'look failed', startedAt, chance: Math.random() }
      }
    },

    mend: async name => {
      const one = seen.get(name)
      if (!one) return { of: 'repaired', name, undone: [] }
      const started = performance.now()
      said.length = 0
      senses.busy(true)
      try {
        const waiting = (why: string) => logger.info({ topology: name, why }, 'waiting for the lock')
        const circumstances = { options, memory, source: source.name, signal, waiting }
        const repaired = await repair(one, circumstances, quiet)
        if (repaired === null) {
          alarms.raise('records')
          return { of: 'repaired', name, undone: [] }
        }
        report.repaired(name, repaired)
        const undone = one.isDrift ? rootsOf(one.changes).map(markOfChange) : []
        if (!one.look.fallback) noteGood([name])
        return { of: 'repaired', name, undone }
      } catch (error) {
        const why = [...said, messageOf(error)].join('').trim()
        if (!signal.aborted) report.failed(name, why, performance.now() - started)
        return { of: 'repair failed', name, chance: Math.random() }
      } finally {
        senses.busy(false)
      }
    },
  }
}

function isGood({ drift, fallback, blocked, version }: Seen['look']): boolean {
  return drift.length === 0 && !fallback && blocked === null && version !== 'removed'
}

/** Topologies that were applied from this source, also by one who watched it before. */
export function recordedFrom({ name }: Source): string[] {
  return appliedTopologies().filter(topology => {
    const applied = readApplied(topology)
    return applied?.directory === name || applied?.file === name
  })
}
