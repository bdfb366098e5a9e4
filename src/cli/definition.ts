import type { Option } from 'commander'
import type { Context } from '../commands/context.ts'

/** One command: what its help says, what it takes, and the function that does it; `options` and `name` say of what types. */
export interface Definition<Values extends unknown[] = unknown[], Options extends object = object> {
  /** With its arguments, as commander reads them. */
  name: string
  summary: string
  description: string
  /** The words that an argument is limited to, by its name. */
  choices?: Record<string, string[]>
  options?: Option[]
  examples?: string[]
  hidden?: boolean
  /** It runs on and logs what it does: at `info` unless told otherwise. */
  daemon?: boolean
  /** Commands below this one: `watch suspend`. */
  below?: Definition[]
  /** Everything behind the first argument belongs to a command that is run. */
  passThrough?: boolean
  run(values: Values, options: Options, context: Context): Promise<number>
}
