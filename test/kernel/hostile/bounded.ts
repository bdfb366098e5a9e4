import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { NSCTL } from '../host/host.ts'

/** Seconds of processor time, far above what any of them takes; memory in bytes, far below what a bomb takes. */
const PROCESSOR_TIME = 90
const MEMORY = 2 * 1024 * 1024 * 1024

/** Runs the built nsctl with limits that the kernel keeps: over one of them it is killed, or dies. */
export function runBounded(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const limits = [`--cpu=${PROCESSOR_TIME}`, `--data=${MEMORY}`]
  const child = spawn('prlimit', [...limits, process.execPath, NSCTL, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 10 * PROCESSOR_TIME * 1000,
    killSignal: 'SIGKILL',
  })
  const result = { exitCode: -1, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', chunk => {
    result.stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', chunk => {
    result.stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      result.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
      resolve(result)
    })
  })
}
