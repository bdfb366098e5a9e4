import { type Cidr, cidr, overlaps } from '../../model/address.ts'

const SPECIAL: [string, string][] = [
  ['0.0.0.0/8', 'means this network itself'],
  ['127.0.0.0/8', 'is loopback'],
  ['224.0.0.0/4', 'is multicast'],
  ['240.0.0.0/4', 'is reserved'],
  ['::/128', 'is the unspecified address'],
  ['::1/128', 'is loopback'],
  ['fe80::/10', 'is link-local: every interface has it already'],
  ['ff00::/8', 'is multicast'],
]

const SPECIAL_NETWORKS = SPECIAL.map(([network, why]) => ({
  network: cidr(network),
  why: `${network} ${why}`,
}))

/** Why nothing can live in a network, or null. */
export function whySpecial(network: Cidr): string | null {
  return SPECIAL_NETWORKS.find(special => overlaps(special.network, network))?.why ?? null
}
