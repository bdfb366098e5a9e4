import { flowsBeside, SEED } from './flows-beside.ts'
import { randomRuleset } from './random-rules.ts'

/** NSCTL_RULESETS=100 for more of them. */
const RULESETS = Number(process.env.NSCTL_RULESETS ?? 6)

flowsBeside(Array.from({ length: RULESETS }, (_, n) => randomRuleset(SEED * 1_000 + n)))
