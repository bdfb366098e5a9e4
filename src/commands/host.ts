import type { HostAccess, ReaderChoice } from '../engine/access.ts'
import type { EngineEvent } from '../engine/events.ts'
import type { Plan } from '../model/plan.ts'
import { renderFindings } from '../render/findings.ts'
import { renderFailure, renderRehearsal } from '../render/outcome.ts'
import { renderPlan } from '../render/plan.ts'
import { renderVerification } from '../render/verify.ts'
import type { Context } from './context.ts'

/** The engine's access to the host, with a signal that Ctrl-C aborts once the host changes. */
export interface Host extends HostAccess {
  signal: AbortSignal
}

/** Connects the engine to this command line: it reads as the options say, and reports to the terminal. */
export function hostFor(context: Context, { iptables, reader }: ReaderChoice): Host {
  const { run, hold, detach, environment, pid, self } = context
  const interrupt = new AbortController()
  const onProgress = reporter(context, interrupt)
  return { run, hold, detach, environment, pid, self, iptables, reader, onProgress, signal: interrupt.signal }
}

function reporter(context: Context, interrupt: AbortController): (event: EngineEvent) => void {
  const { errorColors } = context
  let endWaiting = () => {}
  let endCatching = () => {}
  return event => {
    switch (event.kind) {
      case 'reading':
        endWaiting = context.waiting('reading the host')
        return
      case 'read':
        return endWaiting()
      case 'planned':
        sayFindings(event.plan, context)
        return context.write(renderPlan(event.plan, context.colors))
      case 'rehearsed':
        return context.say(renderRehearsal(event.topology, event))
      case 'started':
        endCatching = forward(context.catchSignals(), interrupt)
        return
      case 'step':
        return context.progress(event.done, event.total, event.step)
      case 'expectations':
        return context.say(renderVerification(event.results, errorColors))
      case 'failed':
        return context.say(renderFailure(event.failure, errorColors))
      case 'rollingBack':
        return context.say(`nsctl: rolling ${event.topology} back\n`)
      case 'recordsNotRestored':
        return context.say(`nsctl: the records of ${event.topology} are not as before: ${event.why}\n`)
      case 'finished':
        return endCatching()
    }
  }
}

/** Passes an interrupt on, until the returned function is called: a watcher's signal outlives many repairs. */
function forward({ signal, stop }: ReturnType<Context['catchSignals']>, interrupt: AbortController) {
  const abort = () => interrupt.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  return () => {
    signal.removeEventListener('abort', abort)
    stop()
  }
}

/** Says what conflicts with a plan, or may. */
export function sayFindings({ findings }: Plan, context: Context): void {
  const unaccepted = findings.filter(({ accepted }) => !accepted)
  if (unaccepted.length > 0) context.say(renderFindings(unaccepted, context.errorColors))
}
