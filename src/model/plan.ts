import type { Family } from './address.ts'
import type { Source } from './diagnostic.ts'
import type { Attributes } from './resource.ts'
import type { Claim, Variant } from './snapshot.ts'

export type Action = 'create' | 'update' | 'replace' | 'delete'

/** As a plan and drift are printed. */
export const ACTION_SYMBOLS: Record<Action, string> = { create: '+', update: '~', replace: '±', delete: '-' }

export interface Change<A = Attributes> {
  action: Action
  /** Name of its kind. */
  kind: string
  id: string
  scope: string
  before: A | null
  after: A | null
  /** Names of the attributes that differ, for update and replace. */
  changed: string[]
  reason: string
  source: Source | null
  /** What is lost with it for good: a rollback makes it anew without that. */
  irreversible?: string
}

/**
 * The order in which operations take effect. Guards before links, links before what is published; on the way out
 * links go down first, so that at no moment something is reachable that should not be.
 */
export const STAGES = [
  'claim',
  'quiesce',
  'guard',
  'unlink',
  'namespace',
  'link',
  'configure',
  'record',
  'sysctl',
  'file',
  'publish',
  'unguard',
  'unname',
  'release',
  'forget',
] as const

export type Stage = (typeof STAGES)[number]

/** One thing to do, as data; several of one sort are sent to the kernel together. */
export type Command =
  /** `family` where the arguments do not tell it. */
  | { tool: 'ip'; namespace: string; args: string[]; family?: 'ipv6' }
  | { tool: 'tc'; namespace: string; args: string[] }
  | ForgetFlows
  | { tool: 'iptables-restore'; family: Family; variant: Variant; table: string; lines: string[] }
  | { tool: 'sysctl'; namespace: string; key: string; value: string }
  | { tool: 'write'; path: string; content: string }
  | { tool: 'unlink'; path: string }
  | { tool: 'mkdir'; path: string }
  | { tool: 'rmdir'; path: string }
  /** The holder is the plan's topology; `before` null: the value that is there when the step runs. */
  | ({ tool: 'claim' } & Omit<Claim, 'holders'>)
  | { tool: 'release'; kind: Claim['kind']; scope: string; key: string }

/** Deletes the connections that went by a rule that is gone; `local`: to any of the host's own addresses. */
export interface ForgetFlows {
  tool: 'conntrack'
  family: Family
  /** As conntrack's options: `orig-port-dst`, `reply-src`… */
  match: Record<string, string>
  destination: string | 'local' | null
}

export interface Operation {
  stage: Stage
  command: Command
}

/** What is sent to one process, or written in one go: the operations of one sort within a stage. */
export interface Step {
  /** Steps of one stage do not depend on each other. */
  stage: Stage
  commands: Command[]
  /** Id of the change each command is for, parallel to `commands`. */
  changes: string[]
}

/** Something on the host that stands in a plan's way, or may. */
export interface Finding {
  severity: 'error' | 'warning'
  code: string
  /** With the code it names the finding for `accept`. */
  subject: string
  summary: string
  /** Who or what is in the way, and the ways out. */
  notes: string[]
  source: Source | null
  /** Known and wanted: said by `accept` or `--accept`. */
  accepted?: true
}

/** Whether a finding refuses the plan. */
export function refuses({ severity, accepted }: Finding): boolean {
  return severity === 'error' && !accepted
}

export interface Summary {
  create: number
  update: number
  replace: number
  delete: number
}

/** The whole truth about what an apply will do; plain JSON. */
export interface Plan {
  formatVersion: '1.0'
  topology: string
  /** One line about what is declared, for the head of the text. */
  headline: string
  /** What there being no changes means. */
  upToDate: string
  changes: Change[]
  steps: Step[]
  findings: Finding[]
  summary: Summary
}
