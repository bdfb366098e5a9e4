import { readFileSync } from 'node:fs'
import type { Family } from '../../model/address.ts'
import type { Firewall, Table, Variant } from '../../model/host/snapshot.ts'
import { isIptablesChain } from '../../model/nft/iptables-own.ts'
import { settled } from '../process/lanes.ts'
import { CommandFailed, type Run } from '../process/run.ts'
import { findTool } from '../process/tools.ts'
import { parseIptablesTables } from './iptables/native-ruleset.ts'
import { Disagreeing, readRules } from './iptables/rules.ts'
import { type Rules, type Source, saveTool } from './iptables/source.ts'
import { GarbledOutput, parseJson } from './json.ts'
import { type NftChain, readNftWithMaps } from './nft.ts'

/** Reads what both variants of iptables hold, and the hooks of other nftables tables. */
export async function readFirewall(
  run: Run,
  choice: 'auto' | Variant,
  families: readonly Family[],
): Promise<Firewall> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readOnce(run, choice, families)
    } catch (error) {
      // Somebody may have changed a rule between two readers.
      if (!(error instanceof Disagreeing) || attempt === ATTEMPTS) throw error
    }
  }
}

const ATTEMPTS = 3

async function readOnce(run: Run, choice: 'auto' | Variant, families: readonly Family[]): Promise<Firewall> {
  const [{ variant, version }, ruleset] = await settled([readVariant(run, choice), readRuleset(run)])
  const nft = ruleset === null ? null : parseIptablesTables(ruleset)
  const otherVariant: Variant = variant === 'nft' ? 'legacy' : 'nft'
  const chosen = async (family: Family) =>
    families.includes(family) ? readChosen(run, { variant, family, nft }) : NO_RULES
  const other = async (family: Family) =>
    families.includes(family) ? readOther(run, { variant: otherVariant, family, nft }) : NO_RULES
  const [ipv4, ipv6, other4, other6] = await settled([
    chosen('ipv4'),
    chosen('ipv6'),
    other('ipv4'),
    other('ipv6'),
  ])
  const all = [ipv4, ipv6, other4, other6]
  const unreadable = all.flatMap(rules => rules.unreadable)
  const native = all.flatMap(rules => rules.native)
  const foreignNft = ruleset === null ? [] : parseNftChains(ruleset)
  return {
    variant,
    version,
    ipv4: ipv4.tables,
    ipv6: ipv6.tables,
    other: { variant: otherVariant, ipv4: other4.tables, ipv6: other6.tables },
    foreignNft,
    ...(foreignNft.length > 0 || native.length > 0 ? { nft: await readNftWithMaps(run) } : {}),
    ...(unreadable.length > 0 ? { unreadable } : {}),
    ...(native.length > 0 ? { native } : {}),
  }
}

const NO_RULES: Rules = { tables: [], unreadable: [], native: [] }

/**
 * `iptables v1.8.9 (nf_tables)`; before 1.8 there was but one variant and nothing in brackets. A line that was cut off
 * before them would speak of the wrong one.
 */
export function parseVersion(text: string): { variant: Variant; version: string } {
  const match = /^ip6?tables v(\S+)(?: \((nf_tables|legacy)\))?\n/.exec(text)
  if (match?.[1] === undefined) throw new GarbledOutput('iptables -V', 'printed no version')
  return { variant: match[2] === 'nf_tables' ? 'nft' : 'legacy', version: match[1] }
}

/** Base chains of tables that are not iptables' own, from `nft -j list ruleset`. */
export function parseNftChains(text: string): Firewall['foreignNft'] {
  const { nftables } = parseJson('nft -j -t list ruleset', text) as { nftables?: { chain?: NftChain }[] }
  return (nftables ?? []).flatMap(({ chain }) => {
    if (chain?.hook === undefined || isIptablesOwn(chain)) return []
    const { family, table, name, hook, policy } = chain
    return [{ family, table, chain: name, hook, policy: policy ?? 'accept' }]
  })
}

async function readVariant(run: Run, choice: 'auto' | Variant) {
  const tool = choice === 'auto' ? 'iptables' : `iptables-${choice}`
  const { stdout } = await run(tool, ['-V'])
  return parseVersion(stdout)
}

/** Only the real root may list legacy's tables; the root of a user namespace has to name them, which creates them. */
async function readChosen(run: Run, source: Source): Promise<Rules> {
  if (source.variant === 'nft' || legacyTables(source.family) !== null) return readRules(run, source)
  return readRules(run, { ...source, tables: ['raw', 'mangle', 'nat', 'filter'] })
}

/**
 * The variant that nsctl's rules do not go to. Legacy's tables are looked for in /proc, since most of its tools create
 * those they ask for; a kernel without nf_tables is no failure here.
 */
async function readOther(run: Run, source: Source): Promise<Rules> {
  return source.variant === 'legacy' && !legacyTables(source.family) ? NO_RULES : readIfAny(run, source)
}

/** What a variant holds, where its tool is there and the kernel has it; legacy's is not to be asked in vain. */
export async function readIfAny(run: Run, source: Source): Promise<Rules> {
  if (findTool(saveTool(source)) === null) return NO_RULES
  try {
    const rules = await readRules(run, source)
    return { ...rules, tables: rules.tables.filter(holdsSomething) }
  } catch (error) {
    if (error instanceof CommandFailed && UNSUPPORTED.test(error.stderr)) return NO_RULES
    throw error
  }
}

const UNSUPPORTED = /not supported|initialize nft|generation id/i

/** A table that only exists, as any call leaves it behind, is in nobody's way. */
function holdsSomething({ chains }: Table): boolean {
  return chains.some(({ policy, rules }) => policy !== 'ACCEPT' || rules.length > 0)
}

/** Names of legacy's tables that exist; null where they may not be seen. */
function legacyTables(family: Family): string | null {
  try {
    return readFileSync(`/proc/net/${family === 'ipv4' ? 'ip' : 'ip6'}_tables_names`, 'utf8').trim()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : null
  }
}

/** All of nftables without the elements of sets, of which there may be hundreds of thousands; null without nft. */
export async function readRuleset(run: Run): Promise<string | null> {
  if (findTool('nft') === null) return null
  return (await run('nft', ['-j', '-t', 'list', 'ruleset'])).stdout
}

/** A base chain in lower case, as tutorials have it, is nobody's but the administrator's, whatever its table is called. */
function isIptablesOwn({ family, table, name, type, hook, prio }: NftChain): boolean {
  return isIptablesChain({ family, table, name, type, hook, priority: prio })
}
