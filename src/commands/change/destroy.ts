import { destroyAll, destroy as destroyTopology } from '../../engine/change/destroy.ts'
import { nameIn } from '../../engine/host/files.ts'
import { escapeText } from '../../model/text/escape.ts'
import { type ChangeOptions, type Context, Refused } from '../context.ts'
import { USAGE } from '../exit-codes.ts'
import { hostFor } from '../host.ts'
import { conclude } from './conclude.ts'
import { approval } from './consent.ts'

export interface DestroyCommandOptions extends ChangeOptions {
  all: boolean
}

/** Removes everything a topology owns and nothing else; needs no file. */
export async function destroy(
  target: string | undefined,
  options: DestroyCommandOptions,
  context: Context,
): Promise<number> {
  const { all, lockTimeout } = options
  if (target !== undefined && all)
    throw new Refused(`--all is every topology, ${escapeText(target)} is one: give one of the two`, USAGE)
  const name = target === undefined ? null : await nameIn(target, context)
  const approve = approval(() => true, options, context)
  const settings = { ...hostFor(context, options), lockTimeout, approve }
  if (name !== null) return conclude(await destroyTopology(name, settings), context)
  let code: number | null = null
  for await (const outcome of destroyAll({ ...settings, all })) {
    if (outcome.kind === 'several') {
      const names = outcome.topologies.join(', ')
      throw new Refused(
        `several topologies on this host: ${names}; name one, or give --all; nothing was changed`,
      )
    }
    code = conclude(outcome, context)
  }
  if (code === null) context.write('No topology on this host; nothing to destroy.\n')
  return code ?? 0
}
