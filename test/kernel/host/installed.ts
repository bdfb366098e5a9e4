import { findTool } from '../../../src/kernel/process/tools.ts'

/** Whether tools are on this machine. Those that tests ask for so are installed by scripts/setup.mjs where it is root. */
export function isInstalled(...tools: string[]): boolean {
  return tools.every(tool => findTool(tool) !== null)
}
