import { createColors } from 'picocolors'
import { type Diagnostic, InvalidTopology } from '../model/diagnostic.ts'
import { escapeText } from '../model/escape.ts'
import type { Topology } from '../model/topology.ts'
import { counted } from '../model/words.ts'
import { type DiagnosticFormat, renderDiagnostics } from '../render/diagnostics.ts'
import { loadTopology } from '../topology/load.ts'
import { refusedFiles } from '../topology/together.ts'
import { Refused } from './context.ts'
import { isDirectory, loadDirectory } from './directory.ts'
import { INVALID } from './exit-codes.ts'
import { readText } from './files.ts'

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
      if (await isDirectory(file)) {
        const together = await loadDirectory(file, io.env)
        diagnostics.push(...together.diagnostics)
        const refused = refusedFiles(together)
        const valid = together.topologies.filter(one => !refused.has(one.file))
        lines.push(...valid.map(one => validLine(one.file, one.topology)))
        continue
      }
      const { topology, warnings } = loadTopology(await readText(file), file, io.env)
      diagnostics.push(...warnings)
      lines.push(validLine(file, topology))
    } catch (error) {
      if (error instanceof InvalidTopology) diagnostics.push(...error.diagnostics)
      else if (error instanceof Refused) unread.push(error.message)
      else throw error
    }
  }
  const { format } = options
  if (format === 'json' || diagnostics.length > 0)
    io.write(renderDiagnostics(diagnostics, format, createColors(io.colors)))
  if (format === 'text') for (const line of lines) io.write(line)
  if (unread.length > 0) throw new Refused(unread.join('\n'))
  return diagnostics.some(({ severity }) => severity === 'error') ? INVALID : 0
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
