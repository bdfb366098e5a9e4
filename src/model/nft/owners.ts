/** Who makes tables of nftables, and by which names of tables they are known. */
const OWNERS: { name: string; tables: RegExp }[] = [
  { name: 'LXD', tables: /^lxd$/ },
  { name: 'Incus', tables: /^incus$/ },
  { name: 'lxc-net', tables: /^lxc$/ },
  { name: 'firewalld', tables: /^firewalld/ },
  { name: 'libvirt', tables: /^libvirt/ },
  { name: 'Docker', tables: /^docker/ },
  { name: 'Podman', tables: /^netavark/ },
  { name: 'Kubernetes', tables: /^(kube-|cilium|calico|cali-|flannel|antrea|cni)/ },
  { name: 'Tailscale', tables: /^(ts-|tailscale)/ },
  { name: 'NetBird', tables: /^netbird/ },
  { name: 'fail2ban', tables: /^f2b-/ },
  { name: 'CrowdSec', tables: /^crowdsec/ },
  { name: 'sshguard', tables: /^sshguard/ },
  { name: 'NetworkManager', tables: /^nm-/ },
  { name: 'systemd-networkd', tables: /^io\.systemd\./ },
  { name: 'wg-quick', tables: /^wg-quick-/ },
  { name: 'Mullvad', tables: /^mullvad/ },
  { name: 'vopono', tables: /^vopono/ },
  { name: 'NixOS', tables: /^nixos-/ },
  { name: 'OpenWrt', tables: /^fw4$/ },
  { name: 'Proxmox VE', tables: /^(pve-|proxmox-)/ },
  { name: 'ufw', tables: /^ufw/ },
]

/** Who makes tables of such a name; null for one that tells nothing. */
export function makerOfTable(table: string): string | null {
  return OWNERS.find(({ tables }) => tables.test(table))?.name ?? null
}

/** Whom a comment names. */
export function makerInComment(comment: string): string | null {
  const words = comment.toLowerCase()
  return OWNERS.find(({ name }) => words.includes(name.toLowerCase()))?.name ?? null
}
