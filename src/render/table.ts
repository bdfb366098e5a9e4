import { escapeText } from '../model/text/escape.ts'

/** Colours a cell by what it says; `column` is its heading. */
export type Paint = (text: string, column: string) => string

/**
 * Columns as wide as their widest cell, two blanks between them; those that hold nothing but numbers are set to the
 * right. A column in which no row says anything is left out.
 */
export function renderTable(head: string[], rows: string[][], paint: Paint = text => text): string {
  const cells = [head, ...rows].map(row => head.map((_, i) => escapeText(row[i] ?? '')))
  const columns = head.flatMap((heading, i) => {
    const own = cells.map(row => row[i] ?? '')
    if (own.slice(1).every(text => text === '')) return []
    const numbers = own.slice(1).every(text => /^(-?\d[\d.]*|-|)$/.test(text)) && own.length > 1
    return [{ i, heading, width: Math.max(...own.map(lengthOf)), align: numbers ? 'right' : 'left' }]
  })
  return cells
    .map((row, line) => {
      const texts = columns.map(({ i, heading, width, align }) => {
        const text = row[i] ?? ''
        const blanks = ' '.repeat(width - lengthOf(text))
        const painted = line === 0 ? text : paint(text, heading)
        return align === 'right' ? blanks + painted : painted + blanks
      })
      return `${texts.join('  ').trimEnd()}\n`
    })
    .join('')
}

/** In characters: a terminal gives each one place. */
function lengthOf(text: string): number {
  return [...text].length
}
