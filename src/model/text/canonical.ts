import { sha256 } from './sha256.ts'

/** JSON with keys in order: the same value is always the same text, whoever wrote it. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

export function sha256Of(value: unknown): string {
  return sha256(canonicalJson(value))
}
