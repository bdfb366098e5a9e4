import type { Routed, RouteQuestion } from '../../model/host/network-stack.ts'
import type { Run } from '../process/run.ts'
import { entering, pathOf } from '../read/in-namespaces.ts'
import { GarbledOutput, parseJson } from '../read/json.ts'

/** Asks the kernel where a packet would go, in the host or one of its namespaces. */
export async function routeGet(run: Run, question: RouteQuestion): Promise<Routed> {
  const args = argumentsOf(question)
  const [tool, vector] =
    question.place === 'host' ? ['ip', args] : ['nsenter', entering(question.place, [pathOf('ip'), ...args])]
  const { exitCode, stdout, stderr } = await run(tool as string, vector as string[], { accept: [1, 2] })
  return exitCode === 0 ? decodeRoute(stdout) : refusal(stderr)
}

function argumentsOf(question: RouteQuestion): string[] {
  const { family, destination, source, input, mark, protocol, destinationPort } = question
  return [
    ...['-j', '-N', family === 'ipv6' ? '-6' : '-4', 'route', 'get', destination],
    ...(source === null ? [] : ['from', source]),
    ...(input === null ? [] : ['iif', input]),
    ...(mark === 0 ? [] : ['mark', String(mark)]),
    ...(protocol === 'icmp' ? [] : ['ipproto', protocol]),
    ...(protocol === 'icmp' || destinationPort === null ? [] : ['dport', String(destinationPort)]),
  ]
}

/** RTN_… of linux/rtnetlink.h, as `-N` prints them. */
const LOCAL = '2'
const REFUSED: Record<string, 'blackhole' | 'unreachable' | 'prohibit'> = {
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
}

/** What `ip -j -N route get` prints. */
export function decodeRoute(stdout: string): Routed {
  const [route] = parseJson('ip route get', stdout) as {
    type?: string
    dev?: string
    gateway?: string
    via?: { host: string }
    prefsrc?: string
    error?: number
  }[]
  if (!route) throw new GarbledOutput('ip route get', 'printed no route')
  const { type = '1', dev, gateway, via, prefsrc = null, error } = route
  if (type === LOCAL) return { kind: 'local', source: prefsrc }
  const why = REFUSED[type]
  if (why !== undefined || error !== undefined)
    return {
      kind: 'refused',
      why: why ?? 'unreachable',
      detail: `the kernel's route there is ${why ?? 'none'}`,
    }
  if (dev === undefined) return { kind: 'unknown', why: `a route of type ${type}` }
  return { kind: 'unicast', dev, via: gateway ?? via?.host ?? null, source: prefsrc }
}

/** The kernel gives errno; whoever asked looks into the tables for the cause. */
function refusal(stderr: string): Routed {
  const said = stderr.trim().replace(/^RTNETLINK answers: /, '')
  const why = /Network is unreachable/.test(said)
    ? 'no-route'
    : /Permission denied/.test(said)
      ? 'prohibit'
      : /cross-device/.test(said)
        ? 'rp-filter'
        : /Invalid argument/.test(said)
          ? 'martian'
          : 'unreachable'
  return { kind: 'refused', why, detail: `the kernel does not route it: ${said}` }
}
