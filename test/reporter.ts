import type { Reporter, TestModule } from 'vitest/node'

/** A last line that any script can read: `812 passed, 0 failed, 1 skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      // A file that could not even be loaded has no test to fail.
      if (module.state() === 'failed' && module.children.size === 0) counts.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') counts[state]++
      }
    }
    const { passed, failed, skipped } = counts
    process.on('exit', () => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`))
  }
}
