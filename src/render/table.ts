import { escapeText } from '../model/escape.ts'

/** Columns as wide as their widest cell, two blanks between them. */
export function renderTable(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map(row => row.map(escapeText))
  const widths = head.map((_, i) => Math.max(...cells.map(row => row[i]?.length ?? 0)))
  return cells
    .map(
      row =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
