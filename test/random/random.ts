/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 to below `n`. */
  below(n: number): number
  chance(percent: number): boolean
  pick<T>(list: readonly T[]): T
  /** Some of a list, in its order. */
  some<T>(list: readonly T[], percent: number): T[]
}

/** Mulberry32: small, and equally good at every seed. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  const chance = (percent: number) => below(100) < percent
  return {
    below,
    chance,
    pick: list => list[below(list.length)] as (typeof list)[number],
    some: (list, percent) => list.filter(() => chance(percent)),
  }
}

/** In another order, the same one for the same seed. */
export function shuffled<T>(random: Random, list: T[]): T[] {
  const left = [...list]
  return list.map(() => left.splice(random.below(left.length), 1)[0] as T)
}
