import type { Definition } from './definition.ts'
import { applyCommand } from './definitions/apply.ts'
import { confirmCommand, revertCommand, rollbackCommand } from './definitions/confirm.ts'
import { destroyCommand } from './definitions/destroy.ts'
import { execCommand } from './definitions/exec.ts'
import { importCommand } from './definitions/import.ts'
import { listCommand } from './definitions/list.ts'
import { pinCommand } from './definitions/pin.ts'
import { planCommand } from './definitions/plan.ts'
import { sandboxCommand, sandboxInitCommand } from './definitions/sandbox.ts'
import { schemaCommand } from './definitions/schema.ts'
import { snapshotCommand } from './definitions/snapshot.ts'
import { statusCommand } from './definitions/status.ts'
import { validateCommand } from './definitions/validate.ts'

/** All commands, in the order in which help lists them. */
export const COMMANDS: Definition[] = [
  validateCommand,
  planCommand,
  applyCommand,
  confirmCommand,
  rollbackCommand,
  revertCommand,
  destroyCommand,
  listCommand,
  statusCommand,
  execCommand,
  pinCommand,
  snapshotCommand,
  importCommand,
  sandboxCommand,
  sandboxInitCommand,
  schemaCommand,
]
