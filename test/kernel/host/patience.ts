import { availableParallelism, loadavg } from 'node:os'

/**
 * Milliseconds for what will come, however busy the machine is. Tests wait for effects; this only ends the wait for
 * one that does not come.
 */
export const PATIENTLY = 120_000

/**
 * Milliseconds after which silence counts as an answer: what comes through at all comes sooner. After three seconds the
 * kernel answers for a neighbour that does not.
 */
export function briefly(): number {
  return Math.min(300 * slowness(), 2_000)
}

/**
 * How many times slower than an idle machine this one is: a whole number, at least 1. For the few limits that must be short: until
 * silence counts, and until a deadline that is to pass. NSCTL_TEST_FACTOR sets it; the default follows the load.
 */
export function slowness(): number {
  const given = Number(process.env.NSCTL_TEST_FACTOR ?? 0)
  const [load = 0] = loadavg()
  // Whole, since timers take no fractions.
  return Math.ceil(given > 0 ? given : Math.max(1, load / availableParallelism()))
}
