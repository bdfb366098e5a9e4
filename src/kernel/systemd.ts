import type { Run } from './process/run.ts'
import { findTool } from './process/tools.ts'

/** Speaks to the service manager that started this process; says nothing where there is none. */
export interface Notify {
  ready(status: string): Promise<void>
  status(text: string): Promise<void>
  /** That it is alive; to be said more often than `interval`. */
  watchdog(): Promise<void>
  stopping(): Promise<void>
  /** Milliseconds within which a sign of life is expected; null: none is. */
  interval: number | null
}

/**
 * Node has no datagram sockets of the unix family, so `systemd-notify` speaks for it; run by root, it does so with the
 * pid of its parent. A manager that cannot be reached is nobody's harm.
 */
export function connectSystemd(
  run: Run,
  { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID }: Record<string, string | undefined>,
  pid: number,
): Notify {
  const reachable = NOTIFY_SOCKET !== undefined && findTool('systemd-notify') !== null
  const say = async (...args: string[]) => {
    if (!reachable) return
    const environment = { NOTIFY_SOCKET }
    await run('systemd-notify', args, { environment, timeout: 5_000 }).catch(() => {})
  }
  const ours = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid
  const every = Number(WATCHDOG_USEC) / 1_000
  return {
    ready: status => say('--ready', `--status=${status}`),
    status: text => say(`--status=${text}`),
    watchdog: () => say('WATCHDOG=1'),
    stopping: () => say('STOPPING=1'),
    interval: reachable && ours && every > 0 ? every : null,
  }
}
