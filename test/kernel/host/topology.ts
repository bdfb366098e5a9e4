import { fileURLToPath } from 'node:url'
import { difference } from '../oracle/difference.ts'
import type { Picture } from '../oracle/oracle.ts'
import type { Result } from './holder.ts'
import type { Host } from './host.ts'

/** What a line of `plan --format json` tells, as far as the tests look at it. */
export interface PlannedChange {
  action: string
  kind: string
  id: string
  scope: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  changed: string[]
  reason: string
  source: { file: string; line: number; column: number } | null
}

/** The example that the documentation begins with. */
export const FLASK = fileURLToPath(new URL('../../../examples/flask.yaml', import.meta.url))

/** Writes a topology where no picture looks; returns its path. */
export async function topologyFile(host: Host, text: string): Promise<string> {
  const path = `/run/topologies/${/^name: *(\S+)/m.exec(text)?.[1] ?? 'unnamed'}.yaml`
  await host.write(path, text)
  return path
}

/** Applies a file, and has a second plan prove that nothing is left to do. Throws with all that was said. */
export async function applyFile(host: Host, path: string, options: string[] = []): Promise<Result> {
  const result = succeeded(await host.nsctl(['apply', path, '--yes', ...options]))
  const again = await host.nsctl(['plan', path, '--detailed-exitcode', ...options])
  if (again.exitCode !== 0 || !/^No changes\./m.test(again.stdout)) {
    throw new Error(
      `a second plan is not empty (exit code ${again.exitCode}):\n${again.stdout}${again.stderr}`,
    )
  }
  return result
}

export async function applyText(host: Host, text: string, options: string[] = []): Promise<Result> {
  return applyFile(host, await topologyFile(host, text), options)
}

export async function destroy(host: Host, args: string[] = []): Promise<Result> {
  return succeeded(await host.nsctl(['destroy', '--yes', ...args]))
}

export async function changesOf(host: Host, text: string): Promise<PlannedChange[]> {
  const result = await host.nsctl(['plan', await topologyFile(host, text), '--format', 'json'])
  return JSON.parse(succeeded(result).stdout).changes
}

function succeeded(result: Result): Result {
  if (result.exitCode !== 0)
    throw new Error(`exit code ${result.exitCode}:\n${result.stdout}${result.stderr}`)
  return result
}

/** Without what cannot be the same twice: the MAC of a link that was made anew, and records, which hold times. */
export function lastingDifference(before: Picture, after: Picture): string[] {
  return difference(before, after).filter(
    line => !/^\S+ files > \/run\/nsctl|> attributes > address: /.test(line),
  )
}
