import type { NftElement } from '../../model/nft/expression.ts'
import { nativeParts } from '../../model/nft/native-parts.ts'
import { parseSet, parseTables } from '../../model/nft/parse.ts'
import { type NftRuleset, type NftSet, type NftTable, NO_NFT } from '../../model/nft/ruleset.ts'
import { parseText } from '../../model/nft/text.ts'
import { settled } from '../process/lanes.ts'
import type { Run } from '../process/run.ts'
import { findTool } from '../process/tools.ts'
import { GarbledOutput, parseJson } from './json.ts'

/**
 * The rules of one network namespace that iptables' tools do not print as they are. Sets come without their elements,
 * of which there may be hundreds of thousands. None where there is no nft to ask.
 */
export async function readNft(run: Run): Promise<NftRuleset> {
  if (findTool('nft') === null) return NO_NFT
  const json = parseJson('nft -j -t list ruleset', (await run('nft', ['-j', '-t', 'list', 'ruleset'])).stdout)
  const found = nativeParts(tablesIn(json, new Map()))
  if (found.tables.length === 0 && found.misprints.length === 0) return NO_NFT
  const text = parseText((await run('nft', ['-a', '-s', '-t', 'list', 'ruleset'])).stdout)
  if (text === null) throw new GarbledOutput('nft -a -s -t list ruleset', 'printed a table without its end')
  return nativeParts(tablesIn(json, text))
}

function tablesIn(json: unknown, text: NonNullable<ReturnType<typeof parseText>>) {
  const tables = parseTables(json, text)
  if (tables === null) throw new GarbledOutput('nft -j -t list ruleset', 'printed no ruleset')
  return tables
}

/** The same with the elements of maps, which say what is published, and are few. */
export async function readNftWithMaps(run: Run): Promise<NftRuleset> {
  const found = await readNft(run)
  return { ...found, tables: await settled(found.tables.map(table => withMaps(run, table))) }
}

async function withMaps(run: Run, table: NftTable): Promise<NftTable> {
  const { family, name, sets } = table
  const read = async (set: NftSet): Promise<NftSet> => {
    const elements =
      set.kind === 'map'
        ? await readNftElements(run, { family, table: name, kind: 'map', name: set.name })
        : null
    return elements === null ? set : { ...set, elements }
  }
  return { ...table, sets: await settled(sets.map(read)) }
}

/** The elements of a set or map; null where there is none of that name. */
export async function readNftElements(
  run: Run,
  { family, table, kind, name }: { family: string; table: string; kind: 'set' | 'map'; name: string },
): Promise<NftElement[] | null> {
  const args = ['-j', 'list', kind, family, table, name]
  const { stdout, exitCode } = await run('nft', args, { accept: [1] })
  return exitCode === 0 ? parseSet(parseJson(['nft', ...args].join(' '), stdout)) : null
}
/** As `nft -j` prints it. */
export interface NftChain {
  family: string
  table: string
  name: string
  hook?: string
  policy?: string
  type?: string
  prio?: number
}
