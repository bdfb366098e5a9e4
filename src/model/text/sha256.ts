import { createHash } from 'node:crypto'

/** 32 bits of it, evenly spread. */
export function hashOf(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 8), 16)
}

/** In hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
