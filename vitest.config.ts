import { defineConfig } from 'vitest/config'

export default defineConfig({
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
