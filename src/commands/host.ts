import type { HostAccess, ReaderChoice } from '../engine/host/access.ts'
import type { EngineEvent } from '../engine/host/events.ts'
import type { Plan } from '../model/plan/plan.ts'
import { renderPlan } from '../render/plan/plan.ts'
import type { Context } from './context.ts'
import { findingsText, textOf } from './event-text.ts'

/** The engine's access to the host, with a signal that Ctrl-C aborts once the host changes. */
export interface ConnectedHost extends HostAccess {
  signal: AbortSignal
}

/** Connects the engine to this command line: it reads as the options say, and reports to the terminal. */
export function hostFor(context: Context, { iptables, reader }: ReaderChoice): ConnectedHost {
  const { run, hold, detach, environment, pid, self } = context
  const interrupt = new AbortController()
  const onProgress = reporter(context, interrupt)
  return { run, hold, detach, environment, pid, self, iptables, reader, onProgress, signal: interrupt.signal }
}

function reporter(context: Context, interrupt: AbortController): (event: EngineEvent) => void {
  let endWaiting = () => {}
  let endCatching = () => {}
  return event => {
    const text = textOf(event, context.errorColors)
    if (text !== '') context.say(text)
    switch (event.kind) {
      case 'reading':
        endWaiting = context.waiting('reading the host')
        return
      case 'read':
        return endWaiting()
      case 'planned':
        return context.write(renderPlan(event.plan, context.colors))
      case 'started':
        endCatching = forward(context.catchSignals(), interrupt)
        return
      case 'step':
        return context.progress(event.done, event.total, event.step)
      case 'finished':
        return endCatching()
    }
  }
}

/** Passes an interrupt on, until the returned function is called. */
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
export function sayFindings(plan: Plan, { say, errorColors }: Context): void {
  const text = findingsText(plan, errorColors)
  if (text !== '') say(text)
}
