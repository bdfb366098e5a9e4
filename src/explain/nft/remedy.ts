import { familyOf } from '../../model/address.ts'
import type { Flow } from '../judgement.ts'
import type { NativeStop } from '../world.ts'

/** What to do about a rule of nftables that stops a flow, to paste where that is possible. */
export function nativeRemedy(flow: Flow, owner: string | null, stop: NativeStop, place: string): string[] {
  // What stands in a namespace, its tenant has put there, whatever its name.
  const known = place === 'host' ? REMEDIES[owner ?? ''] : undefined
  const lines = (known ?? editedByHand)(flow, stop)
  return place === 'host' ? lines : lines.map(line => `nsctl exec ${place} -- ${line}`)
}

type Remedy = (flow: Flow, stop: NativeStop) => string[]

const REMEDIES: Record<string, Remedy | undefined> = {
  firewalld,
  ufw: (flow, { hook }) => [
    hook === 'input' && flow.port !== null
      ? `ufw allow ${flow.port}/${flow.protocol}`
      : `ufw route allow ${routeOf(flow)}`,
  ],
  LXD: aclOf('lxc'),
  Incus: aclOf('incus'),
  libvirt: () => [
    "virsh net-edit NAME: forward mode 'open' leaves the rules to you, 'route' lets packets in from outside",
  ],
  Docker: flow => [
    flow.port === null
      ? 'accept it in the options of its network: docker network inspect NETWORK'
      : `publish the port: docker run -p ${flow.port}:${flow.port}, or make its network with -o com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected`,
  ],
  Podman: flow => [
    flow.port === null
      ? 'see its network: podman network inspect NETWORK'
      : `publish the port: podman run -p ${flow.port}:${flow.port}, or make its network with --opt isolate=false`,
  ],
  Kubernetes: () => ['see its service and policies: kubectl get services,endpoints,networkpolicies -A'],
  fail2ban: ({ source }) => [`fail2ban-client unban ${source ?? 'ADDRESS'}`],
  CrowdSec: ({ source }) => [`cscli decisions delete --ip ${source ?? 'ADDRESS'}`],
  Tailscale: () => [
    'allow it in the access controls of the tailnet, or: tailscale set --netfilter-mode=nodivert',
  ],
  NetBird: () => ["allow it in NetBird's access control policies"],
  Mullvad: () => ['mullvad lan set allow, or: mullvad split-tunnel'],
  OpenWrt: () => ['add a forwarding or a rule in /etc/config/firewall, then: service firewall restart'],
}

/** Zones are for interfaces; what goes from one to another needs a policy. */
function firewalld(flow: Flow, { chain, hook, input, output }: NativeStop): string[] {
  const zone = /_(?:IN|FWD|OUT|PRE|POST)_(?!policy)([^_]+)/.exec(chain)?.[1] ?? 'public'
  if (hook === 'input' && flow.port !== null) {
    return [
      `firewall-cmd --permanent --zone=${zone} --add-port=${flow.port}/${flow.protocol} && firewall-cmd --reload`,
    ]
  }
  if (hook === 'input')
    return [`firewall-cmd --permanent --zone=${zone} --add-protocol=icmp && firewall-cmd --reload`]
  const inside = flow.from.input === null ? input : output
  return [
    ...(inside === null
      ? []
      : [`firewall-cmd --permanent --zone=trusted --add-interface=${inside} && firewall-cmd --reload`]),
    flow.from.input === null
      ? 'and a policy from that zone: firewall-cmd --permanent --new-policy=from-namespaces; --policy=from-namespaces --add-ingress-zone=trusted --add-egress-zone=ANY --set-target=ACCEPT'
      : `and a policy to that zone: firewall-cmd --permanent --new-policy=to-namespaces; --policy=to-namespaces --add-ingress-zone=${zone} --add-egress-zone=trusted --set-target=ACCEPT`,
  ]
}

function aclOf(tool: string): Remedy {
  return ({ protocol, port }) => [
    `${tool} network acl list, and then: ${tool} network acl rule add ACL ingress action=allow protocol=${protocol}${port === null ? '' : ` destination_port=${port}`}`,
  ]
}

function routeOf({ protocol, port, destination }: Flow): string {
  return port === null ? `to ${destination}` : `proto ${protocol} to ${destination} port ${port}`
}

/** A rule before the one that stops it, for the packet as it is met there. */
function editedByHand(_: Flow, { family, table, chain, hook, input, output, packet }: NativeStop): string[] {
  const { tuple, protocol, reply } = packet
  const isIPv4 = familyOf(tuple.destination) === 'ipv4'
  const asked = [
    ...(input === null ? [] : [`iifname "${input}"`]),
    ...(output === null || hook === 'prerouting' ? [] : [`oifname "${output}"`]),
    reply && hook !== 'ingress' && hook !== 'egress'
      ? 'ct state established,related'
      : protocol === 'icmp'
        ? isIPv4
          ? 'icmp type echo-request'
          : 'icmpv6 type echo-request'
        : typeof tuple.destinationPort === 'number'
          ? `${protocol} dport ${tuple.destinationPort}`
          : `${protocol} sport ${tuple.sourcePort}`,
  ].join(' ')
  return [
    `nft insert rule ${family} ${table} ${chain} '${asked} accept'; keep it in what makes the table, such as /etc/nftables.conf`,
  ]
}
