import { execFileSync } from 'node:child_process'
import { generateDtsBundle } from 'dts-bundle-generator'

/** The declarations of the library's exports, and of all types that these refer to, as the text of one file. */
export function declarations(): string {
  const output = { noBanner: true, exportReferencedTypes: false }
  const config = { preferredConfigPath: 'tsconfig.json' }
  const [bundled = ''] = generateDtsBundle([{ filePath: 'src/index.ts', output }], config)
  return formatted(bundled)
}

function formatted(text: string): string {
  // The name chooses the language; no such file is read.
  const args = ['format', '--stdin-file-path=library.d.ts']
  return execFileSync('node_modules/.bin/biome', args, { input: text, encoding: 'utf8' })
}
