import type { NetworkState, Snapshot } from './snapshot.ts'

/** What a scope holds: `host`, or a namespace by its name. */
export function networkIn(snapshot: Snapshot, scope: string): NetworkState | undefined {
  return scope === 'host' ? snapshot.host : snapshot.namespaces[scope]
}

/** The host, then each namespace. */
export function networksOf({ host, namespaces }: Snapshot): [scope: string, network: NetworkState][] {
  return [['host', host], ...Object.entries(namespaces)]
}

/** `on the host`, `in namespace netns1`. */
export function whereabouts(scope: string): string {
  return scope === 'host' ? 'on the host' : `in namespace ${scope}`
}
