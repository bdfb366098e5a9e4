import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** Taken as text, as the build does. */
const textFiles = {
  name: 'text-files',
  enforce: 'pre' as const,
  load: (id: string) =>
    /\/src\/.*(\.css|\.browser\.js)$/.test(id)
      ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}`
      : undefined,
}

export default defineConfig({
  plugins: [textFiles],
  define: { NSCTL_VERSION: JSON.stringify('0.0.0-test') },
  test: {
    globalSetup: ['test/real/build.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default', './test/reporter.ts'],
  },
})
