import { readFileSync } from 'node:fs'

/** Seconds since boot, time asleep included; unlike the wall clock nobody sets it. */
export function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0])
}
