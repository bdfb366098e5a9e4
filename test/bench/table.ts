import type { Results, Row } from './result.ts'

/** Everything measured, as lines for a terminal. */
export function renderResults({ machine, rows }: Results): string {
  const { cores, kernel, node, ip, iptables, load } = machine
  const head = `${cores} cores, Linux ${kernel}, Node ${node}, iproute2 ${ip}, iptables ${iptables}, load ${load}; medians`
  const cells = rows.map(row => [row.label, valuesOf(row), ratioOf(row), goalOf(row), verdictOf(row)])
  const widths = [0, 1, 2, 3].map(i => Math.max(...cells.map(cell => (cell[i] ?? '').length)))
  const lines = cells.map(cell =>
    cell
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${[head, '', ...lines].join('\n')}\n`
}

export function valuesOf({ values, unit }: Row): string {
  const known = Object.entries(values).filter(([, value]) => value !== null)
  return `${known.map(([name, value]) => `${name} ${shown(value ?? 0)}`).join(', ')} ${unit}`
}

export function ratioOf({ ratio }: Row): string {
  return ratio === null ? '' : `${ratio.value.toFixed(2)} of ${ratio.to}`
}

export function goalOf({ goal }: Row): string {
  return goal === null ? '' : `goal ${goal}`
}

export function verdictOf({ met }: Row): string {
  return met === null ? '' : met ? 'ok' : 'missed'
}

function shown(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3)
}
