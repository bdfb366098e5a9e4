import { fileURLToPath } from 'node:url'
import type { Host } from '../host/host.ts'
import type { Order } from './apply-phases.ts'

const SCRIPT = fileURLToPath(new URL('apply-phases.ts', import.meta.url))

/** Applies phases on a host as far as they succeed; returns the messages of the failures. */
export async function applyPhases(host: Host, order: Order): Promise<string[]> {
  const input = JSON.stringify(order)
  const { stdout } = await host.run(process.execPath, ['--import', 'tsx', SCRIPT], { input })
  return JSON.parse(stdout)
}
