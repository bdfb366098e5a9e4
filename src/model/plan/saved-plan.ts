import type { Variant } from '../host/snapshot.ts'
import { sha256Of } from '../text/canonical.ts'
import * as shape from '../text/shape.ts'
import type { Change } from './plan.ts'
import type { Attributes, Json } from './resource.ts'

/** Something on the live host that a plan rests on. */
export interface Fact {
  /** A resource's id; `uplink/NAME`; `finding/CODE/SUBJECT`. */
  id: string
  attributes: Attributes
}

/** All that a plan rests on. */
export interface PlanFacts {
  facts: Fact[]
  /** Ids of what other topologies hold too: who joins and leaves there moves nothing. */
  shared: string[]
}

/** What a plan was made from: with the live host it gives the plan again. */
export interface Declaration {
  /** As it was given. */
  file: string
  text: string
  /** The variables that the text names, as they were. */
  environment: Record<string, string>
  /** From the command line; those of the file are in its text. */
  accept: string[]
  iptables: 'auto' | Variant
  destroy: boolean
}

/**
 * `plan --out`, as it is read back: what apply is to do, and what has to be as it was for it to be done. Nothing in it is
 * ever carried out; a plan made anew has to be the same.
 */
export interface SavedPlan extends PlanFacts {
  formatVersion: '1.0'
  topology: string
  changes: Pick<Change, 'id' | 'action' | 'before' | 'after'>[]
  steps: SavedStep[]
  declaration: Declaration
  /** SHA-256 of the facts. */
  fingerprint: string
  /** SHA-256 of everything else: it tells a file that was damaged, or edited, from one that no longer fits. */
  digest: string
}

/** One thing on the host that has changed since a plan was saved; `null`: it is, or was, not there. */
export interface HostChange {
  id: string
  before: Json
  now: Json
}

/** A step, its commands not looked at. */
export interface SavedStep {
  stage: string
  commands: unknown[]
  changes: string[]
}

const { text, list, record, nullable } = shape

const attributes = record<Attributes[string]>(shape.anything)

const savedPlanShape = shape.object<SavedPlan>({
  formatVersion: shape.formatVersion,
  topology: text,
  changes: list(
    shape.object<SavedPlan['changes'][number]>({
      id: text,
      action: shape.oneOf('create', 'update', 'replace', 'delete'),
      before: nullable(attributes),
      after: nullable(attributes),
    }),
  ),
  steps: list(shape.object<SavedStep>({ stage: text, commands: list(shape.anything), changes: list(text) })),
  declaration: shape.object<Declaration>({
    file: text,
    text,
    environment: record(text),
    accept: list(text),
    iptables: shape.oneOf('auto', 'nft', 'legacy'),
    destroy: shape.boolean,
  }),
  facts: list(shape.object<Fact>({ id: text, attributes })),
  shared: list(text),
  fingerprint: text,
  digest: text,
})

/** Puts the seals on a plan that is to be saved. */
export function sealed<T extends PlanFacts>(plan: T): T & Pick<SavedPlan, 'fingerprint' | 'digest'> {
  const { facts, shared } = plan
  // As it will be read back: JSON has no undefined.
  const whole = JSON.parse(JSON.stringify({ ...plan, fingerprint: sha256Of({ facts, shared }) }))
  return { ...whole, digest: sha256Of(whole) }
}

/** Throws Misshapen where it is not whole, or not as it was written. */
export function readSavedPlan(document: unknown): SavedPlan {
  const plan = savedPlanShape(document, '')
  const { digest, ...rest } = document as SavedPlan
  if (sha256Of(rest) !== digest) throw new shape.Misshapen('', 'as it was saved: it was damaged or edited')
  return plan
}
