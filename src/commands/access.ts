import type { HostAccess, ReaderChoice } from '../engine/access.ts'
import type { EngineEvent } from '../engine/events.ts'
import type { Context } from './context.ts'

/** The engine's access to the host, with what happens told as this command line tells it. */
export function accessOf(context: Context, { iptables, reader }: ReaderChoice): HostAccess {
  const { run, hold, detach, environment, pid, self } = context
  return { run, hold, detach, environment, pid, self, iptables, reader, notify: teller(context) }
}

function teller(context: Context): (event: EngineEvent) => void {
  let done = () => {}
  return event => {
    if (event.kind === 'reading') done = context.waiting('reading the host')
    else if (event.kind === 'read') done()
    else if (event.kind === 'step') context.progress(event.done, event.total, event.step)
  }
}
