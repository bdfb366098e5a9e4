import { InvalidArgumentError } from 'commander'

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600 }

/** `10s`, `2m`, `1h`, or bare seconds; returns seconds. */
export function duration(text: string): number {
  const match = /^(\d{1,6})([smh])?$/.exec(text)
  if (!match) throw new InvalidArgumentError('Write it as 10s, 2m or 1h.')
  return Number(match[1]) * (SECONDS[match[2] ?? 's'] ?? 1)
}

/** The same, for a time in which something has to happen. */
export function someTime(text: string): number {
  const seconds = duration(text)
  if (seconds === 0) throw new InvalidArgumentError('No time at all is too short: write 10s, 2m or 1h.')
  return seconds
}
