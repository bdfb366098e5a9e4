import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'
import type { Claim, Snapshot } from '../../../../src/model/host/snapshot.ts'
import type { Plan, Step } from '../../../../src/model/plan/plan.ts'
import type { FakeHost } from '../../fake-host.ts'

/**
 * A host in memory in the kernel's place: it is read and changed through `kernel.host`, and the records of /run/nsctl lie
 * in a temporary directory. Everything above is the real engine.
 */
export const kernel = {
  host: undefined as unknown as FakeHost,
  /** Another nsctl that holds the lock. */
  lockedBy: null as string | null,
  /** What reading the host throws, from the next reading on. */
  unreadable: null as Error | null,
  directory: join(mkdtempSync(join(tmpdir(), 'nsctl-engine-')), 'run'),
}

const REPLACED = [
  'read/snapshot',
  'write/apply',
  'records/settle-claims',
  'records/run-directory',
  'records/lock',
].map(name => `../../../../src/kernel/${name}.ts`)

export function putHost(snapshot: Snapshot): void {
  kernel.host = fakeHost(snapshot)
  kernel.lockedBy = null
  kernel.unreadable = null
  rmSync(kernel.directory, { recursive: true, force: true })
  mkdirSync(kernel.directory, { mode: 0o700 })
}

// Test files share their modules: those that are loaded have the real kernel below them, and those of here must not stay.
vi.resetModules()
afterAll(() => {
  rmSync(join(kernel.directory, '..'), { recursive: true, force: true })
  for (const module of REPLACED) vi.doUnmock(module)
  vi.resetModules()
})

vi.doMock('../../../../src/kernel/read/snapshot.ts', () => ({
  readSnapshot: async (_run: unknown, _wanted: unknown, records: Pick<Snapshot, 'journal'>) => {
    if (kernel.unreadable) throw kernel.unreadable
    return { ...(await kernel.host.read()), journal: records.journal }
  },
}))

vi.doMock('../../../../src/kernel/write/apply.ts', () => ({
  applyPlan: async (
    _means: unknown,
    plan: Plan,
    progress: (done: number, total: number, step: Step) => void,
    signal: AbortSignal,
  ) => {
    let done = 0
    await kernel.host.apply(plan, { signal, onStep: step => progress(done++, plan.steps.length, step) })
  },
}))

vi.doMock('../../../../src/kernel/records/settle-claims.ts', () => ({
  settleClaims: (_before: Claim[], after: Claim[]) => kernel.host.settle(after),
}))

vi.doMock('../../../../src/kernel/records/run-directory.ts', async importOriginal => {
  const { statOf } = await importOriginal<typeof import('../../../../src/kernel/records/run-directory.ts')>()
  return {
    get RUN_DIRECTORY() {
      return kernel.directory
    },
    openRunDirectory: () => {},
    makePrivate: (directory: string) => mkdirSync(directory, { recursive: true, mode: 0o700 }),
    requireRecord: () => {},
    statOf,
    lockFile: () => join(kernel.directory, 'lock'),
  }
})

vi.doMock('../../../../src/kernel/records/lock.ts', async importOriginal => {
  const { Locked } = await importOriginal<typeof import('../../../../src/kernel/records/lock.ts')>()
  return {
    Locked,
    takeLock: async () => {
      if (kernel.lockedBy !== null) throw new Locked(kernel.lockedBy)
      return async () => {}
    },
  }
})

// The errors that it throws have to be of the same modules as the engine's.
const { fakeHost } = await import('../../fake-host.ts')

/** For every call of the engine: whatever would reach the real host is a mistake of the test. */
export const UNREACHABLE = {
  run: async (tool: string) => {
    throw new Error(`${tool} would be run on the real host`)
  },
  hold: async (tool: string) => {
    throw new Error(`${tool} would be held on the real host`)
  },
  detach: async () => {},
}

/** The engine on that host: imported only here, after the kernel was replaced. */
export const engine = {
  ...(await import('../../../../src/engine/change/apply.ts')),
  ...(await import('../../../../src/engine/change/destroy.ts')),
  ...(await import('../../../../src/engine/change/pending.ts')),
  ...(await import('../../../../src/engine/change/saved-plan.ts')),
}
