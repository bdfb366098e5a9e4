import type { Draft } from './draft.ts'
import type { Path } from './tree.ts'

const POWERS = ['', 'k', 'm', 'g', 't']

/** What the kernel can count. */
const FASTEST = 2 ** 53

/** Reads a rate as tc does: `bit` counts bits and `bps` bytes, k is 1000 and ki 1024. In bits per second. */
export function parseRate(text: string | undefined, path: Path, { report }: Draft): number | null {
  if (text === undefined) return null
  const [, amount, power = '', binary, unit] = /^(\d+(?:\.\d+)?)([kmgt]?)(i?)(bit|bps)$/.exec(text) ?? []
  const scale = (binary ? 1024 : 1000) ** POWERS.indexOf(power)
  const bits = Math.floor(Number(amount) * scale * (unit === 'bps' ? 8 : 1))
  if (bits >= 8 && bits < FASTEST) return bits
  report.error('invalid-rate', path, 'expected at least 8bit and less than 9000tbit')
  return null
}
