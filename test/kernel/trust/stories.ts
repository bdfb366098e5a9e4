import type { Story } from './arena.ts'

const mac = (n: number) => `mac: '02:00:00:00:0e:0${n}'`

const FLASK = `
name: flask
uplinks: [ens5]
subnets:
  web1: 192.168.0.0/24
  web2: 192.168.1.0/24
namespaces:
  netns1: {}
  netns2: {}
veths:
  - { subnet: web1, ends: [host:veth0, { namespace: netns1, interface: veth1, ${mac(1)} }] }
  - { subnet: web2, ends: [host:veth2, { namespace: netns2, interface: veth3, ${mac(3)} }] }
forwards:
  - { listen: 6000, to: netns1:8080 }
  - { listen: 6001, to: netns2:8080, protocol: [tcp, udp] }
`

const FLASK_EDITED = FLASK.replace('6001', '6002')
  .replace('web2: 192.168.1.0/24', 'web2: { cidr: 192.168.7.0/25, mtu: 1400 }')
  .replace('host:veth0', 'host:front')
  .replace('netns1: {}', 'netns1: { nameservers: [192.0.2.53] }\n  netns3: {}')

const SHARED = `
name: shared
uplinks: [ens5, wan]
subnets:
  lan: { cidr: [10.20.0.0/24, fd20::/64], bridge: br-lan }
  far: { cidr: 10.21.0.0/24, uplinks: [wan], host-access: false }
namespaces:
  app: {}
  db: { nameservers: [192.0.2.53], search: [example] }
veths:
  - { subnet: lan, ends: [host, { namespace: app, rate: 100mbit, ${mac(1)} }] }
  - { subnet: lan, ends: [host, { namespace: db, address: [10.20.0.10, 'fd20::10'], ${mac(2)} }] }
  - { subnet: far, ends: [host, { namespace: db, ${mac(3)} }] }
forwards:
  - { listen: 8000, to: app:80 }
  - { listen: 5300-5301, to: db:5000-5001, protocol: [tcp, udp] }
allow:
  - { from: outside, to: app, ports: [443] }
  - { from: far, to: app, protocol: icmp }
host: { forward-policy: drop }
`

const SHARED_EDITED = SHARED.replace('rate: 100mbit', 'rate: 50mbit')
  .replace('uplinks: [ens5, wan]', 'uplinks: [ens5]')
  .replace(', uplinks: [wan], host-access: false', ', uplinks: []')
  .replace("  - { subnet: far, ends: [host, { namespace: db, mac: '02:00:00:00:0e:03' }] }\n", '')
  .replace('  far: { cidr: 10.21.0.0/24, uplinks: [] }\n', '')
  .replace('  - { from: far, to: app, protocol: icmp }\n', '')
  .replace(', search: [example]', '')
  .replace('host: { forward-policy: drop }\n', '')

const CHAIN = `
name: chain
namespaces:
  left:
    routes: [{ to: default, via: 10.2.0.1 }, { to: 192.0.2.0/24, type: blackhole, metric: 50 }]
  middle:
    sysctls: { net.ipv4.ip_forward: 1, net/ipv4/conf/ml/rp_filter: 2, net.core.somaxconn: 100 }
  right:
    routes: [{ to: 10.2.0.0/31, via: 10.2.1.1, dev: r0, metric: 7 }]
veths:
  - mtu: 1400
    ends:
      - { namespace: left, interface: l0, address: 10.2.0.0/31, ${mac(1)} }
      - { namespace: middle, interface: ml, address: 10.2.0.1/31, ${mac(2)} }
  - ends:
      - { namespace: middle, interface: mr, address: [10.2.1.1/24, 'fd21::1/64'], ${mac(3)} }
      - { namespace: right, interface: r0, address: [10.2.1.2/24, 'fd21::2/64'], ${mac(4)} }
`

const CHAIN_EDITED = CHAIN.replace(', net.core.somaxconn: 100', '')
  .replace('rp_filter: 2', 'rp_filter: 1')
  .replace(', metric: 50', ', metric: 60')
  .replace('interface: r0', 'interface: east')
  .replace('dev: r0', 'dev: east')

const BY_HAND = `
ip netns add hand
ip link add by-hand address 02:00:00:00:0f:01 type veth peer name eth0 address 02:00:00:00:0f:02 netns hand
ip address add 10.9.0.1/24 dev by-hand
ip link set by-hand up
ip -n hand link set lo up
ip -n hand address add 10.9.0.2/24 dev eth0
ip -n hand link set eth0 up
ip -n hand route add default via 10.9.0.1
`

const ADOPTED = `
name: taken
uplinks: [ens5]
subnets:
  one: 10.9.0.0/24
  two: 10.10.0.0/24
namespaces:
  hand: { adopt: true, sysctls: { net.ipv4.ip_default_ttl: 99 } }
  other: {}
veths:
  - { subnet: one, adopt: true, ends: [host:by-hand, hand:eth0] }
  - { subnet: two, ends: [host, { namespace: other, ${mac(1)} }] }
forwards:
  - { listen: 7000, to: hand:80 }
`

const WAN =
  'ip link add wan address 02:00:00:00:0f:0a type veth peer name far address 02:00:00:00:0f:0b netns outside; ip link set wan up; ip -n outside link set far up; until ip -n outside link show far | grep -q LOWER_UP; do sleep 0.05; done'

const threeOf = (name: string, file: string, edited: string, more: Partial<Story> = {}): Story[] => [
  { name: `apply ${name}`, from: null, to: file, ...more },
  { name: `edit ${name}`, from: file, to: edited, ...more },
  { name: `destroy ${name}`, from: file, to: null, ...more },
]

/** Small topologies that between them have everything in them, each applied, edited and destroyed. */
export const STORIES: Story[] = [
  ...threeOf('flask', FLASK, FLASK_EDITED),
  ...threeOf('a shared segment', SHARED, SHARED_EDITED, { host: WAN }),
  ...threeOf('a chain of namespaces', CHAIN, CHAIN_EDITED),
  ...threeOf(
    'what was made by hand',
    ADOPTED,
    ADOPTED.replace('ttl: 99', 'ttl: 77').replace('7000', '7001'),
    {
      host: BY_HAND,
    },
  ),
]
