import { readFileSync } from 'node:fs'
import type { Family } from '../../model/address.ts'
import type { Firewall, Table, Variant } from '../../model/host/snapshot.ts'
import { isIptablesChain } from '../../model/nft/iptables-own.ts'
import { settled } from '../process/lanes.ts'
import { CommandFailed, type Run } from '../process/run.ts'
import { findTool } from '../process/tools.ts'
import { isComplete, parseSave } from './iptables-save.ts'
import { GarbledOutput, parseJson } from './json.ts'
import { type NftChain, readNft } from './nft.ts'

/** Reads what both variants of iptables hold, and the hooks of other nftables tables. */
export async function readFirewall(
  run: Run,
  choice: 'auto' | Variant,
  families: readonly Family[],
): Promise<Firewall> {
  const { variant, version } = await readVariant(run, choice)
  const otherVariant: Variant = variant === 'nft' ? 'legacy' : 'nft'
  const chosen = async (family: Family) => (families.includes(family) ? saveChosen(run, variant, family) : [])
  const other = async (family: Family) =>
    families.includes(family) ? saveOther(run, otherVariant, family) : []
  const [ipv4, ipv6, other4, other6, foreignNft] = await settled([
    chosen('ipv4'),
    chosen('ipv6'),
    other('ipv4'),
    other('ipv6'),
    readForeignNft(run),
  ])
  return {
    variant,
    version,
    ipv4,
    ipv6,
    other: { variant: otherVariant, ipv4: other4, ipv6: other6 },
    foreignNft,
    ...(foreignNft.length > 0 ? { nft: await readNft(run) } : {}),
  }
}

/** `iptables-nft-save`; the tools are called by the names of their variants, whatever `iptables` stands for. */
function iptablesTool(family: Family, variant: Variant, action: 'save' | 'restore'): string {
  return `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-${action}`
}

/**
 * `iptables v1.8.9 (nf_tables)`; before 1.8 there was but one variant and nothing in brackets. A line that was cut off
 * before them would speak of the wrong one.
 */
export function parseVersion(text: string): { variant: Variant; version: string } {
  const match = /^ip6?tables v(\S+)(?: \((nf_tables|legacy)\))?\n/.exec(text)
  if (match?.[1] === undefined) throw new GarbledOutput('iptables -V', 'printed no version')
  return { variant: match[2] === 'nf_tables' ? 'nft' : 'legacy', version: match[1] }
}

/** Base chains of tables that are not iptables' own, from `nft -j list chains`. */
export function parseNftChains(text: string): Firewall['foreignNft'] {
  const { nftables } = parseJson('nft -j list chains', text) as { nftables?: { chain?: NftChain }[] }
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

async function save(run: Run, variant: Variant, family: Family, args: string[] = []): Promise<Table[]> {
  const tool = iptablesTool(family, variant, 'save')
  const { stdout } = await run(tool, args)
  if (!isComplete(stdout)) {
    throw new GarbledOutput([tool, ...args].join(' '), 'printed a table without its end')
  }
  return parseSave(stdout)
}

/** Only the real root may list legacy's tables; the root of a user namespace has to name them, which creates them. */
async function saveChosen(run: Run, variant: Variant, family: Family): Promise<Table[]> {
  if (variant === 'nft' || legacyTables(family) !== null) return save(run, variant, family)
  const tables = ['raw', 'mangle', 'nat', 'filter'].map(table => save(run, variant, family, ['-t', table]))
  return (await settled(tables)).flat()
}

/**
 * The variant that nsctl's rules do not go to. Legacy's tables are looked for in /proc, since most of its tools create
 * those they ask for; a kernel without nf_tables is no failure here.
 */
async function saveOther(run: Run, variant: Variant, family: Family): Promise<Table[]> {
  return variant === 'legacy' && !legacyTables(family) ? [] : saveIfAny(run, variant, family)
}

/** What a variant holds, where its tool is there and the kernel has it; legacy's is not to be asked in vain. */
export async function saveIfAny(run: Run, variant: Variant, family: Family): Promise<Table[]> {
  if (findTool(iptablesTool(family, variant, 'save')) === null) return []
  try {
    return (await save(run, variant, family)).filter(holdsSomething)
  } catch (error) {
    if (error instanceof CommandFailed && UNSUPPORTED.test(error.stderr)) return []
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

async function readForeignNft(run: Run): Promise<Firewall['foreignNft']> {
  if (findTool('nft') === null) return []
  return parseNftChains((await run('nft', ['-j', 'list', 'chains'])).stdout)
}

/** A base chain in lower case, as tutorials have it, is nobody's but the administrator's, whatever its table is called. */
function isIptablesOwn({ family, table, name, type, hook, prio }: NftChain): boolean {
  return isIptablesChain({ family, table, name, type, hook, priority: prio })
}
