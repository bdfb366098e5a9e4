import type { Command } from '../command/command.ts'
import type { Source } from '../diagnostic.ts'
import type { Attributes } from './resource.ts'

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

export interface Operation {
  stage: Stage
  command: Command
}

/** Commands of one sort in one place: sent to one process, or written in one go. */
export interface Batch {
  commands: Command[]
  /** Id of the change each command is for, parallel to `commands`; empty where they are for none. */
  changes: string[]
}

/** A batch of a plan. */
export interface Step extends Batch {
  /** Steps of one stage do not depend on each other. */
  stage: Stage
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
