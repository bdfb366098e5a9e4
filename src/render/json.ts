import { escapeJson } from '../model/text/escape.ts'

/** A JSON document, safe to look at on a terminal. */
export function renderJson(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, null, 2))}\n`
}
