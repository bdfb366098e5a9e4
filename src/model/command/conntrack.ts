import type { Family } from '../address.ts'

/** Deletes the connections that went by a rule that is gone; `local`: to any of the host's own addresses. */
export interface ForgetFlows {
  tool: 'conntrack'
  family: Family
  /** As conntrack's options: `orig-port-dst`, `reply-src`… */
  match: Record<string, string>
  destination: string | 'local' | null
}

/** A line for `conntrack -R`, to one destination; null: whatever the destination. */
export function flowLine({ family, match }: ForgetFlows, destination: string | null): string {
  const options = Object.entries(match).map(([name, value]) => `--${name} ${value}`)
  const to = destination === null ? [] : [`--orig-dst ${destination}`]
  return `${['-D', '-f', family, ...options, ...to].join(' ')}\n`
}
