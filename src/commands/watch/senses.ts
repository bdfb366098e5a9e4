import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { listenToKernel, type RuleWriter } from '../../kernel/listen.ts'
import { readUntold, type WatchedSetting } from '../../kernel/patrol.ts'
import { RUN_DIRECTORY } from '../../kernel/run-directory.ts'
import { watchFiles } from '../../kernel/watch-files.ts'
import type { Snapshot, Variant } from '../../model/snapshot.ts'
import type { Topology } from '../../model/topology.ts'
import type { Context } from '../context.ts'
import type { Alarms } from './alarms.ts'
import type { Glance } from './look.ts'
import type { Source } from './source.ts'

/** All by which a watcher learns that something may have changed. */
export interface Senses {
  /** Turns to what is there now. */
  attend(glance: Glance): Promise<void>
  /** Who wrote rules of late and was not nsctl itself, as the kernel tells it. */
  ruleWriter(): string | null
  /** Around its own changes: what is heard meanwhile is nsctl's own doing. */
  busy(working: boolean): void
  stop(): void
}

const ETC = '/etc/netns'
const NAMED = '/run/netns'
const RECORDS = ['suspended.json', 'journal']
/** Milliseconds. The patrol rests nineteen times as long as it walks. */
const PATROL = 2_000
const PATROL_REST = 20
/** For so long after a change rules are told of that it made, or that it was made by. */
const ECHO = 500
const FRESH = 60_000

export function openSenses(source: Source, alarms: Alarms, interval: number, context: Context): Senses {
  const { logger } = context
  const stopping = new AbortController()
  let settings: WatchedSetting[] = []
  let variant: Variant = 'nft'
  let writer: RuleWriter | null = null
  let working = false
  let workedAt = 0
  const known = new Set<string>()

  const files = watchFiles(
    () => alarms.raise('file'),
    (directory, name) => directory.startsWith(ETC) || source.concerns(directory, name) || name === 'netns',
  )
  const records = watchFiles(
    () => alarms.raise('records'),
    (_, name) => RECORDS.includes(name),
  )
  const names = watchFiles(
    () => alarms.raise('kernel'),
    directory => directory === NAMED,
  )
  const deafen = listenToKernel(context.follow, {
    network: () => alarms.raise('kernel'),
    rules: by => {
      if (by !== null && !working && Date.now() - workedAt > ECHO) writer = by
      alarms.raise('rules')
    },
    deaf: why => {
      logger.warn({ why }, 'not listening to the kernel for the moment')
      alarms.raise('kernel')
    },
  })
  const arm = () => {
    files.add(source.directories())
    records.add([RUN_DIRECTORY])
    names.add([NAMED])
  }
  arm()
  void patrol()

  async function patrol(): Promise<void> {
    let last = ''
    for (let rest = PATROL; ; ) {
      await sleep(rest, undefined, { ref: false, signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      const started = performance.now()
      const now = await readUntold(context.run, settings, variant).catch(() => last)
      if (now !== last) alarms.raise('settings')
      last = now
      rest = Math.min(
        Math.max((performance.now() - started) * PATROL_REST, PATROL),
        Math.max(interval, PATROL),
      )
    }
  }

  return {
    attend: async ({ snapshot, seen }) => {
      settings = seen.flatMap(one => one.settings)
      variant = snapshot.firewall.variant
      arm()
      const topologies = seen.flatMap(({ version }) => (version ? [version.topology] : []))
      const namespaces = topologies.flatMap(topology => topology.namespaces)
      files.add([ETC, ...namespaces.map(({ name }) => `${ETC}/${name}`)])
      await identify(topologies, snapshot, known, context)
    },
    ruleWriter: () =>
      writer !== null && Date.now() - writer.at < FRESH ? `${writer.name} (pid ${writer.pid})` : null,
    busy: now => {
      working = now
      workedAt = Date.now()
    },
    stop: () => {
      stopping.abort()
      deafen()
      for (const one of [files, records, names]) one.stop()
    },
  }
}

/**
 * The kernel tells of what happens in a namespace only where the host has an id for it. One that has a link to the host
 * got its id with that; those that are joined with each other alone are given one.
 */
async function identify(
  topologies: Topology[],
  { namespaces }: Snapshot,
  known: Set<string>,
  { run, logger }: Context,
): Promise<void> {
  const joined = new Set(
    topologies.flatMap(({ veths }) =>
      veths.flatMap(({ ends }) =>
        ends.some(({ namespace }) => namespace === 'host') ? ends.map(({ namespace }) => namespace) : [],
      ),
    ),
  )
  for (const { name } of topologies.flatMap(topology => topology.namespaces)) {
    const inode = statSync(`${NAMED}/${name}`, { throwIfNoEntry: false })?.ino
    const key = `${name} ${inode}`
    if (joined.has(name) || namespaces[name] === undefined || inode === undefined || known.has(key)) continue
    known.add(key)
    // It has one: that is as good.
    await run('ip', ['netns', 'set', name, 'auto']).catch(error => logger.debug({ err: error }, 'no id'))
  }
}
