import type { Definition } from './definition.ts'
import { applyCommand } from './definitions/apply.ts'
import { completeCommand, completionCommand } from './definitions/completion.ts'
import { confirmCommand, revertCommand, rollbackCommand } from './definitions/confirm.ts'
import { destroyCommand } from './definitions/destroy.ts'
import { doctorCommand } from './definitions/doctor.ts'
import { execCommand } from './definitions/exec.ts'
import { explainCommand } from './definitions/explain.ts'
import { graphCommand } from './definitions/graph.ts'
import { importCommand } from './definitions/import.ts'
import { listCommand } from './definitions/list.ts'
import { pinCommand } from './definitions/pin.ts'
import { planCommand } from './definitions/plan.ts'
import { probeCommand } from './definitions/probe.ts'
import { rehearseInitCommand } from './definitions/rehearse.ts'
import { sandboxCommand, sandboxInitCommand } from './definitions/sandbox.ts'
import { schemaCommand } from './definitions/schema.ts'
import { snapshotCommand } from './definitions/snapshot.ts'
import { statusCommand } from './definitions/status.ts'
import { validateCommand } from './definitions/validate.ts'
import { verifyCommand } from './definitions/verify.ts'
import { watchCommand } from './definitions/watch.ts'

/** All commands under their headings, in the order in which help lists them. */
export const GROUPS: [heading: string, commands: Definition[]][] = [
  [
    'Change the host:',
    [planCommand, applyCommand, confirmCommand, rollbackCommand, destroyCommand, watchCommand],
  ],
  [
    'See what there is:',
    [listCommand, statusCommand, graphCommand, doctorCommand, snapshotCommand, execCommand],
  ],
  ['See what packets meet:', [explainCommand, verifyCommand]],
  ['Write topology files:', [validateCommand, importCommand, pinCommand, schemaCommand]],
  ['Try things, and set up:', [sandboxCommand, completionCommand]],
]

/** What nsctl starts itself, or a shell. */
const INTERNAL: Definition[] = [
  revertCommand,
  rehearseInitCommand,
  sandboxInitCommand,
  completeCommand,
  probeCommand,
]

export const COMMANDS: Definition[] = [...GROUPS.flatMap(([, commands]) => commands), ...INTERNAL]
