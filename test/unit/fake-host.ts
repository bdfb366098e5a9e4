import { posix } from 'node:path'
import { StepFailed } from '../../src/kernel/write/step-failed.ts'
import type { Command } from '../../src/model/command/command.ts'
import type { Claim, Snapshot } from '../../src/model/host/snapshot.ts'
import { Interrupted } from '../../src/model/plan/interrupted.ts'
import type { Plan, Step } from '../../src/model/plan/plan.ts'
import { predict } from '../../src/planner/predict.ts'

/** What becomes of a change: a command for it fails, or its commands succeed and do nothing. */
type Fault = 'fails' | 'does nothing'

/** A host in memory, to be read and changed within milliseconds and without root. */
export interface FakeHost {
  /** The host as it is now; a copy. */
  read(): Promise<Snapshot>
  /**
   * Applies a plan, step after step. Throws StepFailed or Interrupted as the kernel's `applyPlan` does; what was done until
   * then stays.
   */
  apply(plan: Plan, options?: { signal?: AbortSignal; onStep?(step: Step): void }): Promise<void>
  /** What becomes of the change with this id in plans from now on; null: it is applied again. */
  disturb(change: string, fault: Fault | null): void
  /** Records these claims, and no others. */
  settle(claims: Claim[]): void
}

/**
 * Changes to the kernel have the effects that `predict` says, each with the last of its commands. Files in /etc/netns and
 * claims are no matter of packets, which is all that `predict` is about: they are written here. fake-host.test.ts applies
 * the plans of the recorded cases to it and expects nothing left to do.
 */
export function fakeHost(start: Snapshot): FakeHost {
  const { claims, etcNetns } = structuredClone(start)
  let kernel = structuredClone(start)
  const faults = new Map<string, Fault>()

  const read = (): Snapshot => structuredClone({ ...kernel, claims, etcNetns })
  const write = (command: Command, topology: string): void => {
    switch (command.tool) {
      case 'claim': {
        const { tool: _, ...claim } = command
        addClaim(claims, completed(claim, read()), topology)
        return
      }
      case 'release':
        releaseClaim(claims, command, topology)
        return
      case 'mkdir':
        etcNetns[inEtcNetns(`${command.path}/`)] = null
        return
      case 'write':
        etcNetns[inEtcNetns(command.path)] = command.content
        return
      case 'unlink':
      case 'rmdir':
        delete etcNetns[inEtcNetns(command.tool === 'rmdir' ? `${command.path}/` : command.path)]
        return
    }
  }

  return {
    read: async () => read(),
    disturb: (change, fault) => {
      if (fault === null) faults.delete(change)
      else faults.set(change, fault)
    },
    settle: after => claims.splice(0, claims.length, ...structuredClone(after)),
    apply: async ({ topology, changes, steps }, { signal, onStep } = {}) => {
      const before = kernel
      const left = new Map<string, number>()
      for (const change of steps.flatMap(step => step.changes)) left.set(change, (left.get(change) ?? 0) + 1)
      const applied = new Set<string>()
      for (const step of steps) {
        if (signal?.aborted) throw new Interrupted(signal.reason)
        onStep?.(step)
        for (const [i, command] of step.commands.entries()) {
          const change = step.changes[i] ?? ''
          const fault = faults.get(change)
          if (fault === 'fails') throw new StepFailed(change, command.tool, 'the fake host refuses it')
          write(command, topology)
          left.set(change, (left.get(change) ?? 0) - 1)
          if (left.get(change) === 0 && fault === undefined) applied.add(change)
        }
        kernel = predict(
          before,
          changes.filter(({ id }) => applied.has(id)),
        )
      }
    },
  }
}

/** As in a snapshot: a path below /etc/netns, which itself is `/`. */
function inEtcNetns(path: string): string {
  return posix.relative('/etc/netns', path) + (path.endsWith('/') ? '/' : '')
}

/** What only the moment of claiming can say. */
function completed(claim: Omit<Claim, 'holders'>, { host, namespaces }: Snapshot): Omit<Claim, 'holders'> {
  if (claim.kind !== 'sysctl' || claim.before !== null) return claim
  const sysctls = claim.scope === 'host' ? host.sysctls : namespaces[claim.scope]?.sysctls
  return { ...claim, before: sysctls?.[claim.key] ?? null }
}

function addClaim(claims: Claim[], claim: Omit<Claim, 'holders'>, holder: string): void {
  const known = claims.find(one => isSame(one, claim))
  if (!known) {
    claims.push({ ...claim, holders: [holder] })
    return
  }
  if (!known.holders.includes(holder)) known.holders.push(holder)
  known.set = claim.set
}

function releaseClaim(
  claims: Claim[],
  released: Pick<Claim, 'kind' | 'scope' | 'key'>,
  holder: string,
): void {
  const at = claims.findIndex(one => isSame(one, released))
  const claim = claims[at]
  if (!claim) return
  claim.holders = claim.holders.filter(other => other !== holder)
  if (claim.holders.length === 0) claims.splice(at, 1)
}

function isSame(a: Pick<Claim, 'kind' | 'scope' | 'key'>, b: Pick<Claim, 'kind' | 'scope' | 'key'>): boolean {
  return a.kind === b.kind && a.scope === b.scope && a.key === b.key
}
