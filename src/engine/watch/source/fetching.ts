import { setTimeout as sleep } from 'node:timers/promises'
import type { WatcherEvent } from '../events.ts'
import type { Triggers } from '../triggers/triggers.ts'
import type { Repository } from './repository.ts'

export interface Fetching {
  triggers: Triggers
  /** Milliseconds. */
  interval: number
  signal: AbortSignal
  onEvent(event: WatcherEvent): void
}

/**
 * Fetches a repository again and again, until the signal is aborted. Waits for the first time only where nothing was
 * fetched before: a host that boots without network gets its namespaces all the same.
 */
export async function startFetching(
  repository: Repository,
  { triggers, interval, signal, onEvent }: Fetching,
): Promise<void> {
  const fetch = async () => {
    if (await repository.fetch(signal)) triggers.raise('git')
    onEvent({ kind: 'fetched', unreachable: repository.unreachable() })
  }
  const keepFetching = async () => {
    while (!signal.aborted) {
      // Hosts that were started at once do not fetch at once for ever.
      const delay = interval * (0.9 + 0.2 * Math.random())
      await sleep(delay, undefined, { ref: false, signal }).catch(() => {})
      if (!signal.aborted) await fetch()
    }
  }
  const first = fetch()
  if (repository.commit() === null) await first
  void first.then(keepFetching)
}
