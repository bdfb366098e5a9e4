const UNITS = [
  [1e12, 'tbit'],
  [1e9, 'gbit'],
  [1e6, 'mbit'],
  [1e3, 'kbit'],
] as const

/** Bits per second as tc and the file write them: `10mbit`, in the largest unit that needs no fraction. */
export function formatRate(rate: number): string {
  const unit = UNITS.find(([size]) => rate % size === 0)
  return unit ? `${rate / unit[0]}${unit[1]}` : `${rate}bit`
}
