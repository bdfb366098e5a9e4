import type { NetworkState } from '../../model/host/snapshot.ts'

/** A network namespace of the snapshot; `host` for the host. */
export type Scope = [name: string, state: NetworkState]
