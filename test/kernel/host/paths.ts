import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import { mayUnshare } from '../../../src/kernel/sandbox.ts'
import type { Started } from './holder.ts'
import type { Host } from './host.ts'
import { briefly, PATIENTLY } from './patience.ts'
import type { Probe } from './peer.ts'

/**
 * From where, to `address:port`, and what comes of it: `name client` as the server said it, the name alone where the
 * client's address is of no matter, `timeout`, `ECONNREFUSED`, or `closed` for any of the ways not to get through.
 */
export type Path = [
  from: string,
  to: string,
  outcome: string,
  options?: Pick<Probe, 'protocol' | 'source' | 'timeout'>,
]

/** Sends all probes at once and holds each against what it should bring. */
export async function expectPaths(host: Host, paths: Path[]): Promise<void> {
  const probes = paths.map(([from, to, outcome, options]) => ({
    from,
    ...endpoint(to),
    timeout: mayBeSilent(outcome) ? briefly() : PATIENTLY,
    ...options,
  }))
  const results = await host.probe(probes)
  const lines = (outcomeOf: (path: Path, index: number) => string) =>
    paths.map(
      (path, i) =>
        `${path[0]} -> ${path[3]?.protocol ?? 'tcp'} ${path[1]}${path[3]?.source ? ` as ${path[3].source}` : ''}: ${outcomeOf(path, i)}`,
    )
  const actual = lines(([, , outcome], i) => {
    const { ok, name, client, error } = results[i] ?? { ok: false, error: 'no result' }
    if (ok) return outcome.includes(' ') || !isOpen(outcome) ? `${name} ${client}` : String(name)
    return outcome === 'closed' ? 'closed' : String(error)
  })
  expect(actual).toEqual(lines(([, , outcome]) => outcome))
}

function isOpen(outcome: string): boolean {
  return !/^(closed|timeout|E[A-Z]+)$/.test(outcome)
}

/** Silence is what a DROP gives. */
function mayBeSilent(outcome: string): boolean {
  return outcome === 'closed' || outcome === 'timeout'
}

function endpoint(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':')
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

/** A server in each namespace that answers with the namespace's name. */
export function serveIn(host: Host, tcp: Record<string, number[]>, udp: number[] = []): Promise<Started[]> {
  return Promise.all(
    Object.entries(tcp).map(([name, ports]) =>
      host.serve({ name, ...(name === 'host' ? {} : { namespace: name }), tcp: ports, udp }),
    ),
  )
}

/** Runs a script of commands on the host; the first that fails ends it. */
export async function script(host: Host, text: string): Promise<string> {
  return (await host.run('sh', ['-ec', text])).stdout
}

const CALL = ['iptables', 'ip6tables', 'arptables'].map(tool => `/proc/sys/net/bridge/bridge-nf-call-${tool}`)

/**
 * The settings of br_netfilter to test: only where the kernel has it, has it per network namespace (5.3 and later), and
 * lets this user write it; elsewhere `as it is`.
 */
export async function bridgeNetfilter(host: Host, on: boolean): Promise<boolean> {
  if (!mayUnshare() || !existsSync(CALL[0] ?? '')) return false
  const written = await host.run(
    'sh',
    ['-c', `for f in ${CALL.join(' ')}; do echo ${on ? 1 : 0} > $f || exit 1; done`],
    {
      reject: false,
    },
  )
  return written.exitCode === 0
}

/**
 * Another network that the host is connected to, with a machine in it: `LINK` on the host, the namespace of the same
 * name as the machine. It knows a way to everything through the host.
 */
export async function addNeighbour(
  host: Host,
  name: string,
  link: string,
  network4: string,
  network6?: string,
): Promise<void> {
  await script(
    host,
    `
    ip netns add ${name}
    ip link add ${link} type veth peer name eth0 netns ${name}
    ip address add ${network4}.10/24 dev ${link}
    sysctl -q -w net.ipv6.conf.${link}.accept_dad=0
    ip link set ${link} up
    ip netns exec ${name} sysctl -q -w net.ipv6.conf.eth0.accept_dad=0 net.ipv4.ip_forward=0
    ip -n ${name} link set lo up
    ip -n ${name} address add ${network4}.1/24 dev eth0
    ip -n ${name} link set eth0 up
    ip -n ${name} route add default via ${network4}.10
    ${
      network6
        ? `ip address add ${network6}::10/64 dev ${link} nodad
           ip -n ${name} address add ${network6}::1/64 dev eth0 nodad
           ip -n ${name} route add default via ${network6}::10`
        : ''
    }
    `,
  )
}
