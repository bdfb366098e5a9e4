/** What changed between two pictures, one readable line each, with the path that leads to it. */
export function difference(before: unknown, after: unknown, path = ''): string[] {
  if (before === undefined) return [`+ ${path}${ending(after)}`]
  if (after === undefined) return [`- ${path}${ending(before)}`]
  if (Array.isArray(before) && Array.isArray(after)) return differenceOfLists(before, after, path)
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap(key => difference(before[key], after[key], path === '' ? key : `${path} > ${key}`))
  }
  return before === after ? [] : [`~ ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`]
}

/** Lists are ordered: what stays must also keep its order. */
function differenceOfLists(before: string[], after: string[], path: string): string[] {
  const removed = without(before, after)
  const added = without(after, before)
  const stayed = without(before, removed)
  const kept = without(after, added)
  const moved = stayed.flatMap((line, index) =>
    line === kept[index]
      ? []
      : [`~ ${path}: at ${index + 1} of those that stayed: ${line} -> ${kept[index]}`],
  )
  return [...removed.map(line => `- ${path}: ${line}`), ...added.map(line => `+ ${path}: ${line}`), ...moved]
}

/** As bags: a line that is there twice has to be taken away twice. */
function without(lines: string[], taken: string[]): string[] {
  const left = [...taken]
  return lines.filter(line => {
    const index = left.indexOf(line)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

function ending(value: unknown): string {
  if (!isObject(value)) return `: ${JSON.stringify(value)}`
  const keys = Object.keys(value)
  return keys.length === 0 ? '' : `: with ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? '…' : ''}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
