import { readMark } from '../../model/ownership.ts'
import type { Link } from '../../model/snapshot.ts'

/** Who probably made an interface, by the names its makers give; null where nothing tells. */
export function likelyOwner(link: Link): string | null {
  const mark = readMark(link.alias)
  if (mark) return `the topology ${mark.topology}`
  return PATTERNS.find(([pattern]) => pattern.test(link.name))?.[1] ?? null
}

const PATTERNS: [RegExp, string][] = [
  [/^(docker\d+|docker_gwbridge|br-[0-9a-f]{12}|veth[0-9a-f]{7})$/, 'Docker'],
  [/^(virbr\d+|vnet\d+)/, 'libvirt'],
  [/^(lxdbr\d+|lxcbr\d+|incusbr\d+|veth[0-9a-f]{8})$/, 'LXD or Incus'],
  [/^(cni\d+|flannel|cali|vxlan\.calico|kube-|cilium)/, 'Kubernetes'],
  [/^podman\d+$/, 'Podman'],
]
