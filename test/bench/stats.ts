function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const [low = Number.NaN, high = low] =
    sorted.length % 2 === 1 ? [sorted[half]] : [sorted[half - 1], sorted[half]]
  return (low + high) / 2
}

/** Values by contender, each with the median; `round` is run for one contender after the other, again and again. */
export async function interleaved<Name extends string>(
  names: readonly Name[],
  rounds: number,
  measure: (name: Name, round: number) => Promise<number | null>,
): Promise<Record<Name, number | null>> {
  const values = new Map<Name, number[]>(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    // In turns forwards and backwards, so that no one always comes after the same other one.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await measure(name, round)
      if (value !== null) values.get(name)?.push(value)
    }
  }
  const medians = [...values].map(([name, all]) => [name, all.length === 0 ? null : median(all)])
  return Object.fromEntries(medians) as Record<Name, number | null>
}
