import { connectSystemd } from '../../kernel/systemd.ts'
import type { Context } from '../context.ts'
import type { Address } from './address.ts'
import type { Metrics } from './metrics.ts'

/** Tells those who look after nsctl that it lives: the service manager, and who asks at the port for metrics. */
export interface Overseer {
  metrics: Metrics | null
  /** Something is begun; nothing that is takes for ever. */
  begins(): void
  /** Nothing is left to do for now; `summary` says in a line how all stands. */
  rests(summary: string): Promise<void>
  close(): Promise<void>
}

/** Reading a huge host, or waiting for a lock, may take minutes. */
const STUCK = 600_000

/** `troubled`: what is not as it should be, at the moment. */
export async function openOverseer(
  address: Address | undefined,
  troubled: () => string[],
  { run, logger, environment, pid }: Context,
): Promise<Overseer> {
  const systemd = connectSystemd(run, environment, pid)
  let busySince: number | null = performance.now()
  let isReady = false
  let told = ''
  const alive = () =>
    busySince !== null && performance.now() - busySince > STUCK
      ? 'it has been at one thing for ten minutes'
      : null
  const ready = () => (isReady ? troubled().join('\n') || null : 'the first look is not over')
  const served = address ? await (await import('./metrics.ts')).serveMetrics(address, { alive, ready }) : null
  if (served) logger.info({ port: served.port }, 'serving metrics')
  // Half the time that is given: one sign of life may be late.
  const signs =
    systemd.interval === null
      ? null
      : setInterval(() => alive() ?? void systemd.watchdog(), systemd.interval / 2)
  return {
    metrics: served?.metrics ?? null,
    begins: () => {
      busySince ??= performance.now()
    },
    rests: async summary => {
      busySince = null
      if (!isReady) await systemd.ready(summary)
      else if (summary !== told) await systemd.status(summary)
      isReady = true
      told = summary
    },
    close: async () => {
      if (signs) clearInterval(signs)
      served?.close()
      await systemd.stopping()
    },
  }
}
