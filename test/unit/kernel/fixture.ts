import { readFileSync } from 'node:fs'

/** What a tool printed on a real host, recorded in test/fixtures. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')
}
