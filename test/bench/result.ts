/** One comparison: medians of all contenders, and for nsctl the goal, where there is one. */
export interface Row {
  part:
    | 'create'
    | 'noop'
    | 'edit'
    | 'destroy'
    | 'growth'
    | 'start'
    | 'memory'
    | 'forwards'
    | 'guards'
    | 'reapply'
    | 'rate'
  /** What was done, as `create 100`. */
  label: string
  size: number | null
  unit: 'ms' | 'µs' | 'MB' | 'Mbit/s' | 's' | 'failed' | 'processes'
  /** Medians by contender; null: not measured. */
  values: Record<string, number | null>
  /** nsctl's value as a multiple of another's. */
  ratio: { of: string; to: string; value: number } | null
  /** What the ratio, or without one nsctl's value, may be at most. */
  goal: number | null
  met: boolean | null
}

export interface Results {
  measuredAt: string
  machine: { cores: number; kernel: string; node: string; ip: string; iptables: string; load: number }
  sizes: number[]
  rows: Row[]
}

type Measured = Pick<Row, 'part' | 'label' | 'size' | 'unit' | 'values'>

/** A row whose worth is the ratio of one contender to another. */
export function compared(row: Measured, of: string, to: string, goal: number | null): Row {
  const [a, b] = [row.values[of], row.values[to]]
  const value = a == null || b == null ? null : a / b
  return {
    ...row,
    ratio: value === null ? null : { of, to, value },
    goal,
    met: value === null || goal === null ? null : value <= goal,
  }
}

/** A row whose worth is one value itself. */
export function absolute(row: Measured, of: string, goal: number): Row {
  const value = row.values[of]
  return { ...row, ratio: null, goal, met: value == null ? null : value <= goal }
}
