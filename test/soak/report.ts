import type { SoakOptions } from './arguments.ts'

/** What a part of a soak came to. */
export interface Part {
  name: string
  figures: Record<string, number>
  failures: string[]
}

/** For docs/trust.md, or for a machine. */
export function render(parts: Part[], { json, seed, minutes }: SoakOptions): string {
  if (json) return `${JSON.stringify({ formatVersion: '1.0', seed, minutes, parts }, null, 2)}\n`
  const rows = parts.map(({ name, figures, failures }) => {
    const counted = Object.entries(figures).map(([what, count]) => `${count} ${what}`)
    return `| ${name} | ${counted.join(', ')} | ${failures.length} |`
  })
  return ['| part | counted | failures |', '|---|---|---|', ...rows, ''].join('\n')
}
