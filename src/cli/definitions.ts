import type { Definition } from './definition.ts'
import { applyCommand } from './definitions/change/apply.ts'
import { confirmCommand, revertCommand, rollbackCommand } from './definitions/change/confirm.ts'
import { destroyCommand } from './definitions/change/destroy.ts'
import { planCommand } from './definitions/change/plan.ts'
import { rehearseInitCommand } from './definitions/change/rehearse.ts'
import { watchCommand } from './definitions/change/watch.ts'
import { importCommand } from './definitions/files/import.ts'
import { pinCommand } from './definitions/files/pin.ts'
import { schemaCommand } from './definitions/files/schema.ts'
import { validateCommand } from './definitions/files/validate.ts'
import { doctorCommand } from './definitions/inspect/doctor.ts'
import { execCommand } from './definitions/inspect/exec.ts'
import { graphCommand } from './definitions/inspect/graph.ts'
import { listCommand } from './definitions/inspect/list.ts'
import { snapshotCommand } from './definitions/inspect/snapshot.ts'
import { statusCommand } from './definitions/inspect/status.ts'
import { explainCommand } from './definitions/packets/explain.ts'
import { probeCommand } from './definitions/packets/probe.ts'
import { verifyCommand } from './definitions/packets/verify.ts'
import { completeCommand, completionCommand } from './definitions/setup/completion.ts'
import { sandboxCommand, sandboxInitCommand } from './definitions/setup/sandbox.ts'

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
