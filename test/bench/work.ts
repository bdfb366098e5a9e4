/**
 * The work W(N): N namespaces, each with lo up, a veth pair to the host, a /30 and a default route; for each of them
 * one MASQUERADE, two FORWARD rules and one DNAT. Told in the ways that are measured against each other.
 */

export const TOPOLOGY = 'bench'

interface Member {
  namespace: string
  /** The host's end; the other one is eth0. */
  link: string
  network: string
  gateway: string
  address: string
  port: number
}

export function members(size: number): Member[] {
  return Array.from({ length: size }, (_, i) => ({
    namespace: `b${i}`,
    link: `h${i}`,
    network: `${addressAt(4 * i)}/30`,
    gateway: addressAt(4 * i + 1),
    address: addressAt(4 * i + 2),
    port: 10_000 + i,
  }))
}

/** Counted from 10.64.0.0. */
function addressAt(offset: number): string {
  return [10, 64 + (offset >> 16), (offset >> 8) & 255, offset & 255].join('.')
}

/** As a topology; `edited` moves the port of one namespace in the middle, `forwards` is how many each has. */
export function asTopology(size: number, edited = false, forwards = 1): string {
  const all = members(size)
  const moved = edited ? all[size >> 1] : undefined
  return [
    `name: ${TOPOLOGY}`,
    'uplinks: [ens5]',
    'subnets:',
    ...all.map(({ namespace, network }) => `  s${namespace}: ${network}`),
    'namespaces:',
    ...all.map(({ namespace }) => `  ${namespace}: {}`),
    'veths:',
    ...all.map(
      ({ namespace, link }) => `  - { subnet: s${namespace}, ends: [host:${link}, ${namespace}:eth0] }`,
    ),
    'forwards:',
    ...all.flatMap((one, i) =>
      Array.from({ length: forwards }, (_, k) => {
        const port = one === moved ? 60_000 : 10_000 + i * forwards
        return `  - { listen: ${port + k}, to: ${one.namespace}:${80 + k} }`
      }),
    ),
    '',
  ].join('\n')
}

/** As the tutorial has it: a process for every line. */
export function asTutorial(size: number): string {
  return [
    'sysctl -q -w net.ipv4.ip_forward=1',
    'iptables -P FORWARD DROP',
    ...members(size).flatMap(({ namespace, link, network, gateway, address, port }) => [
      `ip netns add ${namespace}`,
      `ip link add ${link} type veth peer name ${link}p`,
      `ip link set ${link}p netns ${namespace}`,
      `ip netns exec ${namespace} ip link set ${link}p name eth0`,
      `ip addr add ${gateway}/30 dev ${link}`,
      `ip netns exec ${namespace} ip addr add ${address}/30 dev eth0`,
      `ip link set ${link} up`,
      `ip netns exec ${namespace} ip link set eth0 up`,
      `ip netns exec ${namespace} ip link set lo up`,
      `ip netns exec ${namespace} ip route add default via ${gateway}`,
      `iptables -t nat -A POSTROUTING -s ${network} -o ens5 -j MASQUERADE`,
      `iptables -A FORWARD -i ${link} -o ens5 -j ACCEPT`,
      `iptables -A FORWARD -i ens5 -o ${link} -j ACCEPT`,
      `iptables -t nat -A PREROUTING -i ens5 -p tcp --dport ${port} -j DNAT --to-destination ${address}:80`,
    ]),
    '',
  ].join('\n')
}

/** What the fastest scripts feed to the tools: by file name. */
export function asBatches(size: number): Record<string, string> {
  const all = members(size)
  const inside = all.map(({ namespace, gateway, address }) => [
    `in/${namespace}`,
    [
      'link set dev lo up',
      `addr add ${address}/30 dev eth0`,
      'link set dev eth0 up',
      `route add default via ${gateway}`,
      '',
    ].join('\n'),
  ])
  return {
    links: lines(all, ({ namespace, link, gateway }) => [
      `netns add ${namespace}`,
      `link add name ${link} group 7 type veth peer name eth0 group 7 netns ${namespace}`,
      `addr add ${gateway}/30 dev ${link}`,
      `link set dev ${link} up`,
    ]),
    names: lines(all, ({ namespace }) => [namespace]),
    rules: asRules(all),
    look: 'addr show\nroute show table all\n',
    down: lines(all, ({ link }) => [`link set dev ${link} down`]),
    // In a group of their own they go with one wait of the kernel's, not with one each.
    doomed: lines(all, ({ link }) => [`link set dev ${link} group 999`]),
    unname: lines(all, ({ namespace }) => [`netns del ${namespace}`]),
    ...Object.fromEntries(inside),
  }
}

function asRules(all: Member[]): string {
  return [
    '*nat',
    ':PRE - [0:0]',
    ':POST - [0:0]',
    '-A PREROUTING -j PRE',
    '-A POSTROUTING -j POST',
    ...all.map(({ network }) => `-A POST -s ${network} -o ens5 -j MASQUERADE`),
    ...all.map(
      ({ port, address }) =>
        `-A PRE -i ens5 -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${address}:80`,
    ),
    'COMMIT',
    '*filter',
    ':FWD - [0:0]',
    '-A FORWARD -j FWD',
    ...all.flatMap(({ link }) => [
      `-A FWD -i ${link} -o ens5 -j ACCEPT`,
      `-A FWD -i ens5 -o ${link} -j ACCEPT`,
    ]),
    'COMMIT',
    '',
  ].join('\n')
}

/** Takes the chains of `rules` away again. */
export const WITHOUT_RULES = [
  '*nat',
  ':PRE - [0:0]',
  ':POST - [0:0]',
  '-D PREROUTING -j PRE',
  '-D POSTROUTING -j POST',
  '-X PRE',
  '-X POST',
  'COMMIT',
  '*filter',
  ':FWD - [0:0]',
  '-D FORWARD -j FWD',
  '-X FWD',
  'COMMIT',
  '',
].join('\n')

function lines(all: Member[], make: (member: Member) => string[]): string {
  return all
    .flatMap(make)
    .map(line => `${line}\n`)
    .join('')
}
