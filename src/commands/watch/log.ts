import type { WatcherEvent } from '../../engine/watch/events.ts'
import type { Change } from '../../model/plan/plan.ts'
import { renderLocked } from '../../render/plan/outcome.ts'
import type { Context } from '../context.ts'

/** Writes what happens to a log, a line for each event that people may want to know of. */
export function logTo(logger: Context['logger']): (event: WatcherEvent) => void {
  return event => {
    switch (event.kind) {
      case 'watching': {
        const { source, interval } = event
        return logger.info({ source, interval }, 'watching')
      }
      case 'sourceUnusable': {
        const { source, why } = event
        return logger.warn({ source, why }, 'the source cannot be used')
      }
      case 'hostUnreadable':
        return logger.error({ why: event.why }, 'the host cannot be read')
      case 'changesFound': {
        const { topology, changes, drift } = event
        const fields = { topology, ...listed(changes) }
        if (drift === null) return logger.info(fields, `${topology}: changes to make`)
        const { likelyAuthors, triggers } = drift
        return logger.warn({ ...fields, likelyAuthors, alarms: triggers }, `${topology}: drift`)
      }
      case 'condition': {
        const { topology, before, condition } = event
        const { state, problems } = condition
        if (problems.length > 0) return logger.warn({ topology, state, problems }, `${topology}: ${state}`)
        if (before.problems.length > 0) return logger.info({ topology, state }, `${topology}: ${state} again`)
        return
      }
      case 'repaired': {
        const { topology, changes, ms } = event
        const fields = { topology, ...listed(changes), ms: Math.round(ms) }
        return logger.info(fields, `${topology}: converged`)
      }
      case 'repairFailed': {
        const { topology, why, ms } = event
        return logger.error({ topology, why, ms: Math.round(ms) }, `${topology}: could not be converged`)
      }
      case 'waitingForLock': {
        const { topology, holder } = event
        return logger.info({ topology, why: renderLocked(holder) }, 'waiting for the lock')
      }
      case 'notListening':
        return logger.warn({ why: event.why }, 'not listening to the kernel for the moment: polling')
      case 'listeningAgain':
        return logger.info({}, 'listening to the kernel again')
      case 'namespaceNotHeard':
        return logger.debug({ err: event.error }, 'no id')
      case 'recordNotWritten':
        return logger.warn({ err: event.error }, 'the record in /run/nsctl cannot be written')
    }
  }
}

/** As many changes as a line has room for. */
const LISTED = 20

function listed(changes: Change[]): { changes: string[]; count: number } {
  return {
    changes: changes.slice(0, LISTED).map(({ action, id }) => `${action} ${id}`),
    count: changes.length,
  }
}
