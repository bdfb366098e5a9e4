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
const JOURNALS = `${RUN_DIRECTORY}/journal`
/** Milliseconds. The patrol rests nineteen times as long as it walks. */
const PATROL = 2_000
const PATROL_REST = 20
const ECHO = 500
/** Who wrote rules longer ago had no part in what is found now. */
const FRESH = 60_000

export function openSenses(source: Source, alarms: Alarms, interval: number, context: Context): Senses {
  const { logger } = context
  const stopping = new AbortController()
  let settings: WatchedSetting[] = []
  let variant: Variant = 'nft'
  let writer: RuleWriter | null = null
  let working = false
  let workedAt = 0

  // What nsctl itself does is told of while it works, or right after.
  const isOwn = ({ name }: RuleWriter) =>
    /^ip6?tables-(nft|leg)/.test(name) && (working || Date.now() - workedAt < ECHO)
  const files = watchFiles(
    () => alarms.raise('file'),
    (directory, name) => directory.startsWith(ETC) || source.concerns(directory, name) || name === 'netns',
  )
  const records = watchFiles(
    () => alarms.raise('records'),
    (directory, name) => directory === JOURNALS || ['suspended.json', 'journal'].includes(name),
  )
  const names = watchFiles(
    () => alarms.raise('kernel'),
    directory => directory === NAMED,
  )
  const deafen = listenToKernel(context.follow, {
    network: () => alarms.raise('kernel'),
    rules: by => {
      if (by !== null && !isOwn(by)) writer = by
      alarms.raise('rules')
    },
    deaf: why => {
      logger.warn({ why }, 'not listening to the kernel for the moment')
      alarms.raise('kernel')
    },
  })
  const arm = () => {
    files.add(source.directories())
    records.add([RUN_DIRECTORY, JOURNALS])
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
      await identify(topologies, snapshot, context)
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
  { run, logger }: Context,
): Promise<void> {
  const joined = new Set(
    topologies.flatMap(({ veths }) =>
      veths.flatMap(({ ends }) =>
        ends.some(({ namespace }) => namespace === 'host') ? ends.map(({ namespace }) => namespace) : [],
      ),
    ),
  )
  const apart = topologies
    .flatMap(topology => topology.namespaces.map(({ name }) => name))
    .filter(name => !joined.has(name) && namespaces[name] !== undefined)
  if (apart.length === 0) return
  const { stdout } = await run('ip', ['netns', 'list'])
  const known = new Set([...stdout.matchAll(/^(\S+) \(id: \d+\)$/gm)].map(([, name]) => name))
  for (const name of apart.filter(one => !known.has(one))) {
    // Gone, or somebody else was faster: the next look tells.
    await run('ip', ['netns', 'set', name, 'auto']).catch(error => logger.debug({ err: error }, 'no id'))
  }
}
