import { iptablesOf } from '../../../model/host/iptables.ts'
import type { Chain, NativeJump, Table } from '../../../model/host/snapshot.ts'
import { chainOwner, markOf } from '../../../model/ownership.ts'
import { settled } from '../../process/lanes.ts'
import type { Run } from '../../process/run.ts'
import type { Fidelity } from './native-expressions.ts'
import { type NftTable, type NftTableChain, namedRules, readRuleTexts } from './native-ruleset.ts'
import { parseListed } from './save-text.ts'
import { isGivenUp, merged, type Rules, type Source } from './source.ts'

/** A table that iptables-save does not print: its chains as nft tells them, with the rules that iptables still lists. */
export async function rebuilt(
  run: Run,
  source: Source,
  told: NftTable,
  why: string,
  rules: Rules,
): Promise<Table> {
  const { variant, family } = source
  const { table } = told
  const asked = new Set(toList(told))
  const [texts, ...listed] = await settled([
    readRuleTexts(run, told),
    ...told.chains.map(chain =>
      asked.has(chain.name) ? list(run, source, table, chain) : { whole: true, rules: [] },
    ),
  ])
  const failed = new Set(told.chains.filter((_, i) => !listed[i]?.whole).map(({ name }) => name))
  const named = (fidelity: Fidelity) =>
    namedRules(told, texts, (rule, chain) => failed.has(chain) && rule.fidelity === fidelity)
  const culprits = [named('none'), named('another'), named('faithful')].find(({ length }) => length > 0) ?? []
  const handles = new Set(culprits.map(({ handle }) => handle))
  const jumps = told.chains.flatMap((chain, i) => jumpsIn(told, chain, listed[i]?.rules ?? [], texts))
  rules.unreadable.push({ variant, family, table, why, culprits, jumps })
  rules.native.push(
    ...namedRules(told, texts, ({ fidelity, handle }) => fidelity !== 'faithful' && !handles.has(handle)),
  )
  return {
    name: table,
    chains: told.chains.map((chain, i): Chain => {
      const { name, policy } = chain
      return { name, policy, rules: merged(chain, listed[i]?.rules ?? [], texts) }
    }),
  }
}

/** By the text of the comment, where iptables lists it; else it has to be one that has a comment, in a built-in chain. */
function jumpsIn(
  { family, table }: NftTable,
  { name, policy, rules }: NftTableChain,
  printed: string[],
  texts: ReadonlyMap<number, string>,
): NativeJump[] {
  return rules.flatMap(({ handle, jump, isCommented }, i) => {
    const to = jump?.replace(/^-[jg] /, '') ?? ''
    const topology = chainOwner(to)
    if (topology === null || chainOwner(name) === topology) return []
    const listed = printed[i]
    const isMarked = listed === undefined ? isCommented : listed.includes(`--comment "${markOf(topology)}"`)
    const text = texts.get(handle) ?? `handle ${handle}`
    return [{ family, table, chain: name, handle, text, owner: null, to, own: policy !== null && isMarked }]
  })
}

/** Each is a process. */
const MOST_LISTED = 200

/** Built-in chains and nsctl's own first. */
function toList({ chains }: NftTable): string[] {
  const isFirst = ({ name, policy }: NftTableChain) => policy !== null || name.startsWith('NSCTL-')
  return [...chains.filter(isFirst), ...chains.filter(one => !isFirst(one))]
    .map(({ name }) => name)
    .slice(0, MOST_LISTED)
}

/** iptables refuses a chain with a rule that it cannot print; what comes before such a rule it may have printed. */
async function list(run: Run, { family, variant }: Source, table: string, { name, rules }: NftTableChain) {
  try {
    const tool = `${iptablesOf(family)}-${variant}`
    const { stdout, exitCode } = await run(tool, ['-t', table, '-S', name], { accept: [1, 3] })
    const listed = parseListed(stdout, name)
    const whole = exitCode === 0 && listed.length === rules.length
    return { whole, rules: whole || exitCode === 3 ? listed : [] }
  } catch (error) {
    if (isGivenUp(error)) return { whole: false, rules: [] }
    throw error
  }
}
