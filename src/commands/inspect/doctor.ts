import { doctor as examineHost } from '../../engine/inspect/doctor.ts'
import { doctorJson, renderDoctor } from '../../render/doctor.ts'
import type { Context, ReaderOptions } from '../context.ts'
import { DIFFERENT } from '../exit-codes.ts'
import { hostFor } from '../host.ts'

export interface DoctorOptions extends ReaderOptions {
  format: 'text' | 'json'
}

/** What on this host will get in the way; without privileges as much of it as can be seen. */
export async function doctor(options: DoctorOptions, context: Context): Promise<number> {
  const { results, blind } = await examineHost(hostFor(context, options))
  context.write(
    options.format === 'json' ? doctorJson(results, blind) : renderDoctor(results, blind, context.colors),
  )
  return results.some(({ state }) => state === 'problem') ? DIFFERENT : 0
}
