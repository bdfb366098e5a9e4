import { watchFiles } from '../../../kernel/events/file-events.ts'
import { type KernelListener, listenToKernel } from '../../../kernel/events/kernel-events.ts'
import type { WatchedSetting } from '../../../kernel/events/polling.ts'
import type { RuleWriter } from '../../../kernel/netlink/rule-events.ts'
import { RUN_DIRECTORY } from '../../../kernel/records/run-directory.ts'
import type { Variant } from '../../../model/host/snapshot.ts'
import type { WatchAccess } from '../access.ts'
import type { WatcherEvent } from '../events.ts'
import type { HostObservation } from '../observe.ts'
import type { TopologySource } from '../source/source.ts'
import { giveNamespaceIds } from './namespace-ids.ts'
import { startPolling } from './polling.ts'
import type { Triggers } from './triggers.ts'

/** Everything by which a watcher hears that something may have changed: each raises a trigger. */
export interface EventSources {
  /** From now on listens to what is on the host now: its namespaces, files, and settings. */
  follow(observation: HostObservation): Promise<void>
  /** The process, other than nsctl's own, that the kernel says has changed rules in the last minute; or null. */
  ruleWriter(): string | null
  /** Whether nsctl itself changes rules at the moment. */
  setRepairing(isRepairing: boolean): void
  stop(): void
}

export interface EventSourceOptions {
  source: TopologySource
  triggers: Triggers
  /** The longest time between two polls, in milliseconds. */
  interval: number
  onEvent(event: WatcherEvent): void
}

const ETC_NETNS = '/etc/netns'
const RUN_NETNS = '/run/netns'
const JOURNALS = `${RUN_DIRECTORY}/journal`

export function openEventSources(
  { source, triggers, interval, onEvent }: EventSourceOptions,
  access: WatchAccess,
): EventSources {
  let polled: { settings: WatchedSetting[]; variant: Variant } = { settings: [], variant: 'nft' }
  const program = access.self.at(-1) ?? ''
  const writers = trackRuleWriters()
  const files = watchFiles(
    () => triggers.raise('file'),
    (directory, name) =>
      directory.startsWith(ETC_NETNS) || source.concerns(directory, name) || name === 'netns',
  )
  const records = watchFiles(
    () => triggers.raise('records'),
    (directory, name) => directory === JOURNALS || ['suspended.json', 'journal'].includes(name),
  )
  const names = watchFiles(
    () => triggers.raise('kernel'),
    directory => directory === RUN_NETNS,
  )
  const listener: KernelListener = {
    onNetworkChange: () => triggers.raise('kernel'),
    onRuleChange: writer => {
      writers.note(writer)
      triggers.raise('rules')
    },
    onInterruption: why => {
      onEvent({ kind: 'notListening', why })
      triggers.raise('kernel')
    },
    onResumption: () => {
      onEvent({ kind: 'listeningAgain' })
      triggers.raise('kernel')
    },
  }
  const events = listenToKernel(access.follow, { reader: access.reader, program }, listener)
  const unheard = () => ({
    settings: polled.settings,
    variants: polled.variant === 'legacy' || events.rules.isDeaf() ? [polled.variant] : [],
    isNetworkDeaf: events.network.isDeaf(),
  })
  const stopPolling = startPolling(unheard, { triggers, interval }, access)
  // Directories come and go: each time those that exist by now are added.
  const watchDirectories = () => {
    files.add(source.directories())
    records.add([RUN_DIRECTORY, JOURNALS])
    names.add([RUN_NETNS])
  }
  watchDirectories()

  return {
    follow: async ({ topologies, snapshot }) => {
      polled = {
        settings: topologies.flatMap(({ settings }) => settings),
        variant: snapshot.firewall.variant,
      }
      watchDirectories()
      const declared = topologies.flatMap(({ version }) => (version ? [version.topology] : []))
      const namespaces = declared.flatMap(topology => topology.namespaces)
      files.add([ETC_NETNS, ...namespaces.map(({ name }) => `${ETC_NETNS}/${name}`)])
      await giveNamespaceIds(declared, snapshot, access, onEvent)
    },
    ruleWriter: writers.last,
    setRepairing: writers.setRepairing,
    stop: () => {
      stopPolling()
      events.stop()
      for (const watch of [files, records, names]) watch.stop()
    },
  }
}

/** Milliseconds for which the kernel may still report nsctl's own change after it. */
const ECHO = 500
/** Milliseconds: a process that changed rules longer ago has nothing to do with what is found now. */
const FRESH = 60_000

/** Which process changed rules last, leaving nsctl's own out: they are reported while it repairs, or right after. */
function trackRuleWriters() {
  let writer: RuleWriter | null = null
  let isRepairing = false
  let repairedAt = 0
  const isOwn = ({ name }: RuleWriter) =>
    /^ip6?tables-(nft|leg)/.test(name) && (isRepairing || Date.now() - repairedAt < ECHO)
  return {
    note: (by: RuleWriter | null) => {
      if (by !== null && !isOwn(by)) writer = by
    },
    last: () =>
      writer !== null && Date.now() - writer.at < FRESH ? `${writer.name} (pid ${writer.pid})` : null,
    setRepairing: (now: boolean) => {
      isRepairing = now
      repairedAt = Date.now()
    },
  }
}
