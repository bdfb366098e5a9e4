import { parseArgs } from 'node:util'

export interface SoakOptions {
  minutes: number
  /** Where seeds begin. */
  seed: number
  /** Cycles of the leak run. */
  cycles: number
  /** Damages that the watcher mends. */
  repairs: number
  /** Every kill, fault and signal instead of those that fit into the time. */
  exhaustive: boolean
  /** A file of the trials that were made; those that held are not made again. */
  record: string | null
  /** A part and a seed, or the name of a trial. */
  replay: string | null
  /** Parts to run; all when there are none. */
  parts: string[]
  /** Hosts at a time. */
  lanes: number
  json: boolean
}

export const USAGE = `npm run test:soak -- [--minutes 10] [--seed N] [--cycles 100] [--repairs 200] [--lanes 2]
                      [--exhaustive] [--record FILE] [--part random|kills|trials|cycles|watch]… [--json]
npm run test:soak -- --replay random:SEED | kills:SEED | 'STORY, TRIAL'`

export function soakOptions(argv: string[]): SoakOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
      cycles: { type: 'string', default: '100' },
      repairs: { type: 'string', default: '200' },
      lanes: { type: 'string', default: '2' },
      exhaustive: { type: 'boolean', default: false },
      record: { type: 'string' },
      replay: { type: 'string' },
      part: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  })
  const number = (name: 'minutes' | 'seed' | 'cycles' | 'repairs' | 'lanes') => {
    const value = Number(values[name])
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} ${values[name]}: a number is wanted`)
    return value
  }
  return {
    minutes: number('minutes'),
    seed: number('seed'),
    cycles: number('cycles'),
    repairs: number('repairs'),
    lanes: Math.max(1, number('lanes')),
    exhaustive: values.exhaustive,
    record: values.record ?? null,
    replay: values.replay ?? null,
    parts: values.part,
    json: values.json,
  }
}
