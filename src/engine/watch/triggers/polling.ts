import { setTimeout as sleep } from 'node:timers/promises'
import { readUnannounced, type WatchedSetting } from '../../../kernel/events/polling.ts'
import type { Variant } from '../../../model/host/snapshot.ts'
import type { HostAccess } from '../../host/access.ts'
import type { Triggers } from './triggers.ts'

interface Polled {
  settings: readonly WatchedSetting[]
  /** Variants of iptables whose changed rules nobody tells of at the moment. */
  variants: readonly Variant[]
  /** Whether nobody tells of links, addresses and routes at the moment, so that all has to be read. */
  isNetworkDeaf: boolean
}

/** The shortest pause between two polls, in milliseconds. */
const PAUSE = 2_000
/** A pause is this many times as long as the poll before it took, so that polling costs a twentieth of a core at most. */
const PAUSE_PER_COST = 20

/** Polls for what nobody tells of, until the returned function is called. */
export function startPolling(
  polled: () => Polled,
  { triggers, interval }: { triggers: Triggers; interval: number },
  { run }: Pick<HostAccess, 'run'>,
): () => void {
  const stopping = new AbortController()
  void poll()
  return () => stopping.abort()

  async function poll(): Promise<void> {
    let last = ''
    let pause = PAUSE
    for (;;) {
      await sleep(pause, undefined, { ref: false, signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      const started = performance.now()
      const { settings, variants, isNetworkDeaf } = polled()
      const now = await readUnannounced(run, settings, variants).catch(() => last)
      if (now !== last || isNetworkDeaf) triggers.raise('settings')
      last = now
      const cost = performance.now() - started
      pause = Math.min(Math.max(cost * PAUSE_PER_COST, PAUSE), Math.max(interval, PAUSE))
    }
  }
}
