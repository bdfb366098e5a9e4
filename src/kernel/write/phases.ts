import { setImmediate as nextTurn } from 'node:timers/promises'
import { Interrupted } from '../../model/plan/interrupted.ts'
import type { Batch } from '../../model/plan/plan.ts'
import { type Libc, libcFor, type NetlinkChoice } from '../netlink/libc.ts'
import { writeByNetlink } from '../netlink/write.ts'
import type { Run } from '../process/run.ts'
import type { OnFailure } from './attempt.ts'
import { applyBatch } from './batch.ts'
import { applyInNamespaces, isNamespaceBatch } from './ip-batches.ts'
import type { StepFailed } from './step-failed.ts'

/** What the kernel is reached with. */
export interface Means extends NetlinkChoice {
  run: Run
}

interface Manner<B extends Batch> {
  /** Whose claims are made. */
  topology: string
  onFailure: OnFailure
  progress: (done: number, total: number, batch: B) => void
  interrupt: AbortSignal
}

const LANES = 2

/**
 * Applies one phase after the other; the batches of a phase do not depend on each other. Returns the failures. Throws
 * Interrupted, and whatever is no command's failure.
 */
export async function applyPhases<B extends Batch>(
  means: Means,
  phases: B[][],
  { topology, onFailure, progress, interrupt }: Manner<B>,
): Promise<StepFailed[]> {
  const total = phases.flat().length
  const jobsOfPhases = phases.map(batches => jobsOf(batches))
  const libc = libcFor(means, namespaceBatchesIn(jobsOfPhases.flat()))
  const failures: StepFailed[] = []
  let done = 0
  for (const waiting of jobsOfPhases) {
    const errors: unknown[] = []
    const isOver = () => errors.length > 0 || (onFailure === 'stop' && failures.length > 0)
    const lane = async () => {
      while (!isOver()) {
        // A signal that came meanwhile is seen here.
        await nextTurn()
        const job = waiting.shift()
        const [first] = job?.batches ?? []
        if (!job || !first) return
        if (interrupt.aborted) throw new Interrupted(interrupt.reason)
        progress(done, total, first)
        done += job.batches.length
        failures.push(...(await applyJob(means.run, libc, topology, job, onFailure)))
      }
    }
    await Promise.all(Array.from({ length: LANES }, () => lane().catch(error => errors.push(error))))
    if (onFailure === 'stop' && failures.length > 0) return failures
    if (errors.length > 0) throw errors[0]
  }
  return failures
}

/** What is done in one go: a batch, or those of several namespaces. */
interface Job<B extends Batch> {
  batches: B[]
  inNamespaces: boolean
}

/** A failure and an interrupt wait for the jobs under way: so these are not endless. */
const MOST_TOGETHER = 64

function jobsOf<B extends Batch>(batches: B[]): Job<B>[] {
  const jobs: Job<B>[] = []
  const together: B[] = []
  for (const batch of batches) {
    if (isNamespaceBatch(batch)) together.push(batch)
    else jobs.push({ batches: [batch], inNamespaces: false })
  }
  const size = Math.min(MOST_TOGETHER, Math.ceil(together.length / LANES))
  for (let at = 0; at < together.length; at += size) {
    jobs.push({ batches: together.slice(at, at + size), inNamespaces: true })
  }
  return jobs
}

function namespaceBatchesIn(jobs: Job<Batch>[]): number {
  return jobs.filter(({ inNamespaces }) => inNamespaces).flatMap(({ batches }) => batches).length
}

async function applyJob(
  run: Run,
  libc: Libc | null,
  topology: string,
  { batches, inNamespaces }: Job<Batch>,
  onFailure: OnFailure,
): Promise<StepFailed[]> {
  const left = libc !== null && inNamespaces ? writeByNetlink(libc, batches) : batches
  const [first] = left
  if (!first) return []
  return left.length > 1
    ? applyInNamespaces(run, left, onFailure)
    : applyBatch(run, topology, first, onFailure)
}
