import type { DoctorFacts } from '../model/host/facts.ts'
import { isNsctlGroup } from '../model/ownership.ts'
import { type Check, type CheckFinding, note, problem } from './finding.ts'

/** Who else manages the network of this host, and how that goes with topologies. */
export const neighbours: Check = {
  name: 'neighbours',
  state: facts => present(facts).join(', ') || 'none',
  findings: facts => {
    const here = new Set(present(facts))
    return [
      ...(here.has('Docker') ? [docker()] : []),
      ...(here.has('firewalld') ? [firewalld()] : []),
      ...(here.has('ufw') ? [ufw()] : []),
      ...(here.has('systemd-networkd') ? networkd(facts) : []),
      ...facts.managed
        .filter(name => isOwn(name, facts))
        .map(name =>
          problem(
            'interface-grabbed',
            name,
            `NetworkManager manages ${name}, which belongs to a topology`,
            'it may take its addresses away, or start DHCP on it',
            'in /etc/NetworkManager/conf.d/nsctl.conf: [keyfile] unmanaged-devices=driver:veth;driver:bridge, then systemctl reload NetworkManager',
          ),
        ),
    ]
  },
}

function present({ evidence, ufw: ufwOn, snapshot }: DoctorFacts): string[] {
  const tables = snapshot ? [...snapshot.firewall.ipv4, ...snapshot.firewall.other.ipv4] : []
  const chains = new Set(tables.flatMap(({ chains: all }) => all.map(({ name }) => name)))
  const running = (name: string) => evidence.managers.includes(name)
  return [
    ...(running('dockerd') || chains.has('DOCKER') ? ['Docker'] : []),
    ...(running('firewalld') ? ['firewalld'] : []),
    ...(ufwOn || chains.has('ufw-user-forward') ? ['ufw'] : []),
    ...evidence.managers.filter(name => !['dockerd', 'containerd', 'firewalld', 'ufw'].includes(name)),
  ]
}

function docker(): CheckFinding {
  return note(
    'docker',
    'docker',
    'Docker is here',
    'it sets the policy of FORWARD to DROP and publishes ports by DNAT, like nsctl; each lets its own through, and a port is published by one of them only',
    'nothing needs to be done: plan names the holder of a port that both want',
  )
}

function firewalld(): CheckFinding {
  return note(
    'firewalld',
    'firewalld',
    'firewalld is here',
    'it rejects forwarded packets of interfaces in no zone that trusts them, and a reload with its iptables backend takes away the rules of others',
    "trust the topology's interfaces: firewall-cmd --permanent --zone=trusted --add-interface=NAME; after a reload: nsctl apply, or nsctl watch",
  )
}

function ufw(): CheckFinding {
  return note(
    'ufw',
    'ufw',
    'ufw is switched on',
    'it drops what namespaces send to services of the host unless a rule allows it; forwarded packets pass before it',
    'ufw allow in on INTERFACE, for services that namespaces are to use',
  )
}

function networkd({ networkFiles, evidence }: DoctorFacts): CheckFinding[] {
  const grabbing = networkFiles.map(({ path, matches }) =>
    problem(
      'interface-grabbed',
      path,
      `${path} matches veth interfaces (${matches.join(', ')})`,
      'systemd-networkd configures them as soon as they appear: DHCP, other addresses, or none',
      'match by name (Name=en*), or add Kind=!veth to its [Match]',
    ),
  )
  const dropped = evidence.managers.includes('systemd-networkd')
    ? [
        note(
          'networkd-foreign-rules',
          'systemd-networkd',
          'systemd-networkd removes ip rules and routes that it did not make when it restarts',
          'namespaces with several ends, and hosts with several uplinks, lose the way of their replies until the next apply',
          'in /etc/systemd/networkd.conf, [Network]: ManageForeignRoutingPolicyRules=no and ManageForeignRoutes=no',
        ),
      ]
    : []
  return [...grabbing, ...dropped]
}

function isOwn(name: string, { snapshot }: DoctorFacts): boolean {
  return snapshot?.host.links.some(link => link.name === name && isNsctlGroup(link.group)) ?? false
}
