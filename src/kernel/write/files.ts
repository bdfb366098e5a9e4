import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { type CommandOf, commandsOf } from '../../model/command/command.ts'
import type { Batch } from '../../model/plan/plan.ts'
import { removeEmpty, writeAtomically } from '../records/atomic-file.ts'
import { attemptEach, type OnFailure } from './attempt.ts'
import type { StepFailed } from './step-failed.ts'

type FileCommand = CommandOf<'mkdir' | 'write' | 'unlink' | 'rmdir'>

/** Files and directories below /etc/netns. */
export async function applyFiles(batch: Batch, onFailure: OnFailure): Promise<StepFailed[]> {
  const commands = commandsOf(batch.commands, 'mkdir', 'write', 'unlink', 'rmdir')
  return attemptEach(commands, batch, onFailure, ({ tool }) => tool, applyFile)
}

function applyFile(command: FileCommand): void {
  const { path } = command
  switch (command.tool) {
    case 'mkdir':
      refuseLink(dirname(path))
      // The umask may have taken bits away.
      if (mkdirSync(path, { recursive: true, mode: 0o755 })) chmodSync(path, 0o755)
      refuseLink(path)
      break
    case 'write':
      refuseLink(dirname(dirname(path)))
      refuseLink(dirname(path))
      writeAtomically(path, command.content, 0o644)
      break
    case 'unlink':
      rmSync(path, { force: true })
      break
    case 'rmdir':
      removeEmpty(path)
  }
}

function refuseLink(directory: string): void {
  if (!lstatSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`)
}
