import { createColors } from 'picocolors'
import { isDirectory, loadDirectory } from '../../engine/host/directory.ts'
import { UnusableFile } from '../../engine/host/errors.ts'
import { readText } from '../../engine/host/files.ts'
import { loadTopology } from '../../engine/host/load.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { escapeText } from '../../model/text/escape.ts'
import { counted } from '../../model/text/phrases.ts'
import type { Topology } from '../../model/topology.ts'
import { type DiagnosticFormat, renderDiagnostics } from '../../render/diagnostics.ts'
import { refusedFiles } from '../../topology/together.ts'
import { Refused } from '../context.ts'
import { INVALID } from '../exit-codes.ts'

export interface ValidateOptions {
  format: DiagnosticFormat
}

interface Output {
  write(text: string): void
  env: Record<string, string | undefined>
  colors: boolean
}

/**
 * Checks files without touching the kernel, all of them, whatever is wrong with the first. Throws Refused, after
 * everything else is said, for those that cannot be read.
 */
export async function validate(files: string[], options: ValidateOptions, io: Output): Promise<number> {
  const diagnostics: Diagnostic[] = []
  const lines: string[] = []
  const unread: string[] = []
  for (const file of files) {
    try {
      const checked = await check(file, io.env)
      diagnostics.push(...checked.diagnostics)
      lines.push(...checked.valid)
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error
      unread.push(error.message)
    }
  }
  const { format } = options
  if (format === 'json' || diagnostics.length > 0)
    io.write(renderDiagnostics(diagnostics, format, createColors(io.colors)))
  if (format === 'text') for (const line of lines) io.write(line)
  if (unread.length > 0) throw new Refused(unread.join('\n'))
  return diagnostics.some(({ severity }) => severity === 'error') ? INVALID : 0
}

/** What is wrong with a file or a directory of them, and a line for each file that is valid. */
async function check(
  file: string,
  environment: Output['env'],
): Promise<{ diagnostics: Diagnostic[]; valid: string[] }> {
  if (await isDirectory(file)) {
    const together = await loadDirectory(file, environment)
    const refused = refusedFiles(together)
    const valid = together.topologies.filter(one => !refused.has(one.file))
    return {
      diagnostics: together.diagnostics,
      valid: valid.map(one => validLine(one.file, one.topology)),
    }
  }
  const loaded = loadTopology(await readText(file), { file, environment })
  if (loaded.kind === 'invalid') return { diagnostics: loaded.diagnostics, valid: [] }
  return { diagnostics: loaded.warnings, valid: [validLine(file, loaded.topology)] }
}

function validLine(file: string, topology: Topology): string {
  return `${escapeText(file)}: valid: ${contents(topology)}\n`
}

/** `flask, 2 namespaces, 2 veth pairs, 2 forwards`. */
function contents({ name, namespaces, veths, forwards }: Topology): string {
  return [
    name,
    counted(namespaces.length, 'namespace'),
    counted(veths.length, 'veth pair'),
    counted(forwards.length, 'forward'),
  ].join(', ')
}
