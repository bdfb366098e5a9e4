import { flowsBeside } from './flows-beside.ts'
import { rulesetsIn } from './ruleset.ts'

flowsBeside(rulesetsIn('programs'))
