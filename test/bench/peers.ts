import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { createPlace, time } from './place.ts'
import { asBatches, members } from './work.ts'

/** Somebody else's way to do the same work. */
export interface Peer {
  name: string
  /** Where its package puts it. */
  path: string
  package: string
  /** Beyond this many namespaces it takes minutes. */
  most: number
  /** What it is fed with, by file name; `make.sh` does the work. */
  files(size: number): Record<string, string>
}

const PEERS: Peer[] = [
  {
    name: 'pyroute2',
    path: '/usr/lib/python3/dist-packages/pyroute2',
    package: 'python3-pyroute2',
    most: 1000,
    files: size => ({
      'make.py': PYROUTE2,
      rules: asBatches(size).rules ?? '',
      'make.sh': `set -e\n/usr/bin/python3 /run/bench/make.py ${size}\niptables-restore --noflush < /run/bench/rules\n`,
    }),
  },
  {
    name: 'CNI',
    path: '/usr/lib/cni/ptp',
    package: 'containernetworking-plugins',
    most: 100,
    files: size => ({ 'make.sh': `set -e\n${cni(size)}` }),
  },
  {
    name: 'netavark',
    path: '/usr/lib/podman/netavark',
    package: 'netavark',
    most: 100,
    files: size => ({ 'make.sh': `set -e\n${netavark(size)}` }),
  },
]

/** Installs those that are missing, from Debian's packages. */
export async function installPeers(): Promise<void> {
  const missing = PEERS.filter(({ path }) => !existsSync(path)).map(peer => peer.package)
  if (missing.length === 0) return
  const apt = (...args: string[]) => promisify(execFile)('apt-get', ['-qq', ...args])
  await apt('update')
  await apt('install', '-y', '--no-install-recommends', ...missing)
}

/** Those that are installed; of the others it is said once. */
export function presentPeers(): Peer[] {
  return PEERS.filter(peer => {
    const present = existsSync(peer.path)
    if (!present) console.error(`${peer.name}: left out: not installed (package ${peer.package})`)
    return present
  })
}

/** Milliseconds that a peer takes to make as many namespaces, on a host of its own: what it leaves goes with that. */
export async function timePeer(peer: Peer, size: number): Promise<number> {
  await using host = await createPlace()
  for (const [name, text] of Object.entries(peer.files(size))) await host.write(`/run/bench/${name}`, text)
  // Not without await: the host goes at the end of this function.
  return await time(host, ['sh', '/run/bench/make.sh'])
}

/** In one process, which goes into each namespace itself: the fastest of its ways. */
const PYROUTE2 = `
import sys
from pyroute2 import IPRoute, netns

def octets(n):
    return '10.%d.%d.%d' % (64 + (n >> 16), (n >> 8) & 255, n & 255)

host = IPRoute()
for i in range(int(sys.argv[1])):
    name, link = 'b%d' % i, 'h%d' % i
    netns.create(name)
    host.link('add', ifname=link, kind='veth', peer={'ifname': 'eth0', 'net_ns_fd': name})
    index = host.link_lookup(ifname=link)[0]
    host.addr('add', index=index, address=octets(4 * i + 1), prefixlen=30)
    host.link('set', index=index, state='up')
    netns.pushns(name)
    with IPRoute() as inside:
        eth0 = inside.link_lookup(ifname='eth0')[0]
        inside.link('set', index=1, state='up')
        inside.addr('add', index=eth0, address=octets(4 * i + 2), prefixlen=30)
        inside.link('set', index=eth0, state='up')
        inside.route('add', dst='default', gateway=octets(4 * i + 1))
    netns.popns()
`

/** As a container runtime calls it: each plugin once for each namespace, the second with the first one's result. */
function cni(size: number): string {
  const environment = 'CNI_COMMAND=ADD CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni'
  return members(size)
    .map(({ namespace, network, gateway, port }) => {
      const own = `${environment} CNI_CONTAINERID=${namespace} CNI_NETNS=/run/netns/${namespace}`
      const ranges = [[{ subnet: network, gateway }]]
      const ipam = { type: 'host-local', dataDir: '/run/bench/cni', ranges, routes: [{ dst: '0.0.0.0/0' }] }
      const ptp = { cniVersion: '1.0.0', name: namespace, type: 'ptp', ipMasq: true, ipam }
      const mapping = { hostPort: port, containerPort: 80, protocol: 'tcp' }
      const portmap = {
        ...{ cniVersion: '1.0.0', name: namespace, type: 'portmap', capabilities: { portMappings: true } },
        runtimeConfig: { portMappings: [mapping] },
      }
      return [
        `ip netns add ${namespace}`,
        `result=$(echo '${JSON.stringify(ptp)}' | ${own} /usr/lib/cni/ptp)`,
        `printf '%s,"prevResult":%s}' '${JSON.stringify(portmap).slice(0, -1)}' "$result" | ${own} /usr/lib/cni/portmap`,
        '',
      ].join('\n')
    })
    .join('')
}

/** As podman calls it: each namespace with a network, and so a bridge, of its own. */
function netavark(size: number): string {
  return members(size)
    .map(({ namespace, network, gateway, address, port }, i) => {
      const options = {
        container_id: namespace,
        container_name: namespace,
        port_mappings: [{ host_ip: '', container_port: 80, host_port: port, range: 1, protocol: 'tcp' }],
        networks: { [namespace]: { static_ips: [address], interface_name: 'eth0' } },
        network_info: {
          [namespace]: {
            name: namespace,
            id: i.toString(16).padStart(64, '0'),
            driver: 'bridge',
            network_interface: `br${i}`,
            subnets: [{ subnet: network, gateway }],
            ipv6_enabled: false,
            internal: false,
            dns_enabled: false,
            ipam_options: { driver: 'host-local' },
          },
        },
      }
      return `ip netns add ${namespace}\necho '${JSON.stringify(options)}' | /usr/lib/podman/netavark --config /run/bench/netavark setup /run/netns/${namespace}\n`
    })
    .join('')
}
