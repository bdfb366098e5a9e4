import { escapeLines } from '../model/escape.ts'

/** What an error says, safe to print. */
export function messageOf(error: unknown): string {
  return escapeLines(error instanceof Error ? error.message : String(error))
}
