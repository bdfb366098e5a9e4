/** Who else makes chains and interfaces on a host, and by which names they are known. */
interface Neighbour {
  name: string
  /** The process that writes its rules; absent where it could be several. */
  program?: string
  chains?: RegExp
  links?: RegExp
  /** Names of its sets in nftables. */
  sets?: RegExp
}

/** In the order in which one is taken for the author where several are there. */
const NEIGHBOURS: Neighbour[] = [
  {
    name: 'firewalld',
    program: 'firewalld',
    chains: /^(firewalld|(IN|FWD|FWDI|FWDO|POST|PRE|FORWARD|INPUT|OUTPUT|PREROUTING|POSTROUTING)_)/,
  },
  { name: 'ufw', program: 'ufw', chains: /^ufw6?-/ },
  {
    name: 'Docker',
    program: 'dockerd',
    chains: /^DOCKER/,
    links: /^(docker\d+|docker_gwbridge|br-[0-9a-f]{12}|veth[0-9a-f]{7})$/,
  },
  { name: 'Kubernetes', program: 'kube-proxy', chains: /^KUBE-/, links: /^kube-/ },
  {
    name: 'Kubernetes',
    chains: /^(cali-|CNI-|FLANNEL-|CILIUM_)/,
    links: /^(cni\d+|flannel|cali|vxlan\.calico|cilium)/,
    sets: /^cali/,
  },
  { name: 'libvirt', program: 'libvirtd', chains: /^LIBVIRT/, links: /^(virbr\d+|vnet\d+)/ },
  { name: 'Podman', chains: /^NETAVARK/, links: /^podman\d+$/ },
  { name: 'LXD or Incus', links: /^(lxdbr\d+|lxcbr\d+|incusbr\d+|veth[0-9a-f]{8})$/ },
  { name: 'Tailscale', program: 'tailscaled', chains: /^ts-/, links: /^tailscale\d+$/ },
  { name: 'NetBird', program: 'netbird', chains: /^netbird-/i, links: /^wt\d+$/, sets: /^nb(-?\d|-)/ },
  { name: 'fail2ban', chains: /^f2b-/, sets: /^(f2b|addr-set)-/ },
]

/** Programs that write rules of their own. */
export const RULE_WRITERS = NEIGHBOURS.flatMap(({ program }) => program ?? [])

/** Who makes chains of such a name; null for one that tells nothing. */
export function makerOfChain(chain: string): string | null {
  return NEIGHBOURS.find(({ chains }) => chains?.test(chain))?.name ?? null
}

/** Who makes interfaces of such a name. */
export function makerOfLink(link: string): string | null {
  return NEIGHBOURS.find(({ links }) => links?.test(link))?.name ?? null
}

/** The program that writes chains of such a name. */
export function writerOfChain(chain: string): string | null {
  return NEIGHBOURS.find(({ chains }) => chains?.test(chain))?.program ?? null
}

/** Who has written a rule of nftables, by the names in it and that of its chain. */
export function makerOfRule(chain: string, text: string): string | null {
  const links = [...text.matchAll(/\b[io]if(?:name)? (?:!= )?"?([^"\s]+)"?/g)].map(([, name]) => name ?? '')
  const sets = [...text.matchAll(/@([\w.-]+)/g)].map(([, name]) => name ?? '')
  const ofSet = (name: string) => NEIGHBOURS.find(one => one.sets?.test(name))?.name ?? null
  return [makerOfChain(chain), ...links.map(makerOfLink), ...sets.map(ofSet)].find(Boolean) ?? null
}
