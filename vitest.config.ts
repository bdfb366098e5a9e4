import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Taken as text, as the build does; under another name, or a style sheet would be taken for one. */
const textFiles = {
  name: 'text-files',
  enforce: 'pre' as const,
  resolveId: (source: string, importer?: string) =>
    /\.(css|browser\.js)$/.test(source) && importer
      ? `\0text:${resolve(dirname(importer), source)}:`
      : undefined,
  load: (id: string) =>
    id.startsWith('\0text:')
      ? `export default ${JSON.stringify(readFileSync(id.slice('\0text:'.length, -1), 'utf8'))}`
      : undefined,
}

/** Far above what any test takes on a busy machine: what is slow has not failed, only what hangs. */
const PATIENCE = 15 * 60_000

export default defineConfig({
  plugins: [textFiles],
  define: { NSCTL_VERSION: JSON.stringify('0.0.0-test') },
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: PATIENCE,
          // They share no state but modules, and loading those anew for each file takes a third of the time.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: ['test/kernel/build.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
