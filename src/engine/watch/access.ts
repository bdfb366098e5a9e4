import type { Follow } from '../../kernel/process/long-lived.ts'
import type { HostAccess } from '../host/access.ts'

/** A watcher also listens to commands that print what happens in the kernel. */
export interface WatchAccess extends HostAccess {
  /** Starts a command whose output is read line by line as it comes. */
  follow: Follow
}
