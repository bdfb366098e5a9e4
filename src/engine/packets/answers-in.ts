import type { WalkAnswer, WalkQuestion } from '../../explain/world.ts'
import { rulesetsOf } from '../../model/host/iptables.ts'
import type { NetworkStack } from '../../model/host/network-stack.ts'
import type { Firewall, Snapshot } from '../../model/host/snapshot.ts'
import { type NftRuleset, type NftTable, NO_NFT } from '../../model/nft/ruleset.ts'

type Answers = (question: WalkQuestion) => Promise<WalkAnswer>

/**
 * Answers what packets on their way ask, from a snapshot of a host that may be only planned: no kernel can be asked for its
 * routes.
 *
 * @param live answers from the live host, for what no snapshot holds of a place: its own rules, elements of sets, some
 * settings; null where there is none to ask
 */
export function answersIn(snapshot: Snapshot, live: Answers | null): Answers {
  return async question => {
    if (question.kind === 'elements') return live?.(question) ?? null
    if (question.kind === 'route') return null
    const present = live && ((await live(question)) as NetworkStack | null)
    return placeIn(snapshot, question.name, present)
  }
}

/** A place as the snapshot has it, with what only the live one tells. */
export function placeIn(snapshot: Snapshot, name: string, live: NetworkStack | null): NetworkStack | null {
  if (name === 'host') {
    const { host, firewall, listeners } = snapshot
    return {
      ...{ name, network: host, rulesets: rulesetsOf(firewall), listeners },
      nft: live?.nft ?? nftIn(firewall),
    }
  }
  const network = snapshot.namespaces[name]
  if (!network || network.unreadable !== undefined) return null
  const sysctls = { ...live?.network.sysctls, ...network.sysctls }
  return {
    name,
    network: { ...network, sysctls },
    rulesets: live?.rulesets ?? [],
    nft: live?.nft ?? NO_NFT,
    listeners: [],
    // No process can listen yet in what is about to be created: only the path there is asked about.
    allListening: true,
  }
}

/** A snapshot of an older version only tells that there are chains, which may do anything. */
function nftIn({ nft, foreignNft }: Firewall): NftRuleset {
  if (nft) return nft
  const tables = foreignNft.map(({ family, table, chain, hook, policy }): NftTable => {
    const isDropping = policy === 'drop'
    return {
      ...{ family, name: table, sets: [] },
      chains: [
        {
          name: chain,
          base: { type: 'filter', hook, priority: 0, policy: isDropping ? 'drop' : 'accept' },
          rules: [
            {
              handle: 0,
              text: 'rules that the snapshot does not hold',
              statements: [
                { extension: { type: 'match', name: '' } },
                { verdict: isDropping ? 'accept' : 'drop' },
              ],
            },
          ],
        },
      ],
    }
  })
  return { tables, misprints: [] }
}
