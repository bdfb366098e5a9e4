import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCES = ['src', 'schemas', 'scripts', 'package.json']

/** Once before all tests: those against the real kernel run the built command, which is to be the present source's. */
export default function buildWhenStale(): void {
  const built = join(ROOT, 'dist/nsctl.cjs')
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...SOURCES.flatMap(times))) return
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { cwd: ROOT, stdio: 'inherit' })
}

function times(name: string): number[] {
  const path = join(ROOT, name)
  if (!statSync(path).isDirectory()) return [statSync(path).mtimeMs]
  return readdirSync(path).flatMap(entry => times(join(name, entry)))
}
