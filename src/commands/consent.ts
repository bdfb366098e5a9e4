import type { Plan } from '../model/plan.ts'
import { type Context, Refused } from './context.ts'

/** Throws Refused unless the plan may go ahead: asked on a terminal, by `--yes` elsewhere. */
export async function consent(
  plan: Plan,
  needed: boolean,
  { yes }: { yes: boolean },
  { ask }: Context,
): Promise<void> {
  if (!needed || yes) return
  if (!ask) {
    throw new Refused(
      `${plan.topology}: this replaces or deletes, and there is no terminal to ask on: add --yes; nothing was changed`,
    )
  }
  if (!(await ask(`Change ${plan.topology} as shown?`)))
    throw new Refused(`${plan.topology}: declined; nothing was changed`)
}
