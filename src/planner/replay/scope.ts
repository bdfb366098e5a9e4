import type { NetworkState } from '../../model/host/snapshot.ts'

/** A network namespace of the snapshot; `host` for the host. */
export type NamedNetwork = [name: string, state: NetworkState]
