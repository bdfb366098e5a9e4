import type { Plan } from '../model/plan/plan.ts'
import type { State } from '../model/plan/resource.ts'

/** Why a plan is not applied without a person having seen it, and what to do instead. */
export interface Objection {
  code: 'mass-delete' | 'cut-off'
  message: string
}

export interface UnattendedPlan {
  plan: Plan
  /** The topology's objects on the host. */
  observed: State
  /** Findings that the file or the command line accepts, as `code:subject`. */
  accept: readonly string[]
  /** Null where a commit vouches that the text is whole. */
  text: string | null
}

/** What speaks against applying a plan that no person has seen, or null. A wrong file must not take a host down. */
export function objectionTo({ plan, observed, accept, text }: UnattendedPlan): Objection | null {
  const { topology, changes } = plan
  const accepted = `mass-delete:${topology}`
  const lost = changes.filter(({ action }) => action === 'delete')
  if (lost.length === 0 || accept.includes(accepted)) return null
  if (text !== null && !text.endsWith('\n')) {
    return {
      code: 'cut-off',
      message:
        `${lost.length} of its objects would go, and the file does not end with a newline: it may be cut off; ` +
        'end it with one, or apply it by hand',
    }
  }
  const owned = [...observed.values()].filter(({ owned }) => owned)
  const doomed = new Set(lost.map(({ id }) => id))
  const going = owned.filter(({ id }) => doomed.has(id))
  const namespaces = (list: typeof owned) => list.filter(({ kind }) => kind === 'namespace').length
  const everyone = namespaces(owned) > 0 && namespaces(going) === namespaces(owned)
  if (!everyone && going.length * 2 <= owned.length) return null
  return {
    code: 'mass-delete',
    message:
      `${going.length} of its ${owned.length} objects would go${everyone ? ', every namespace among them' : ''}; ` +
      `if that is meant: accept: ["${accepted}"] in the file, or apply it by hand`,
  }
}
