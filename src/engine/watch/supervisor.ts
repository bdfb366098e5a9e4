import { connectSystemd } from '../../kernel/systemd.ts'
import type { HostAccess } from '../host/access.ts'
import type { Health } from './health.ts'

/** Tells what started this process, systemd, how the watcher is doing; without one nothing is told. */
export interface Supervisor {
  /** Nothing is left to do for now; the first time it means that the service is ready. */
  rests(summary: string): Promise<void>
  close(): Promise<void>
}

export function connectSupervisor(
  { run, environment, pid }: Pick<HostAccess, 'run' | 'environment' | 'pid'>,
  health: Health,
): Supervisor {
  const systemd = connectSystemd(run, environment, pid)
  let reported: string | null = null
  // Half the time that is allowed: one sign of life may be late.
  const signs =
    systemd.interval === null
      ? null
      : setInterval(() => health.stuck() ?? void systemd.watchdog(), systemd.interval / 2)
  return {
    rests: async summary => {
      if (reported === null) await systemd.ready(summary)
      else if (summary !== reported) await systemd.status(summary)
      reported = summary
    },
    close: async () => {
      if (signs) clearInterval(signs)
      await systemd.stopping()
    },
  }
}
