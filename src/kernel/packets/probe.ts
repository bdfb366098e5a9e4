import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, isIPv6 } from 'node:net'
import type { Probe, ProbeResult } from '../../model/plan/verification.ts'
import type { Run } from '../process/run.ts'
import { entering } from '../read/in-namespaces.ts'
import { parseJson } from '../read/json.ts'

/**
 * Sends probes from the host or a namespace: nsctl itself is started there once, and sends all of them at the same time.
 * Results in the order of the probes.
 */
export async function probeFrom(
  run: Run,
  self: string[],
  place: string,
  probes: Probe[],
): Promise<ProbeResult[]> {
  const command = [...self, 'probe']
  const target = place === 'host' ? ['--net=/proc/self/ns/net', ...command] : entering(place, command)
  const longest = Math.max(0, ...probes.map(({ timeout }) => timeout))
  const { stdout } = await run('nsenter', target, {
    input: JSON.stringify(probes),
    timeout: longest + STARTING,
  })
  return parseJson('nsctl probe', stdout) as ProbeResult[]
}

/** Milliseconds for a busy machine to start a process. */
const STARTING = 20_000

/** The other half, inside: reads probes from standard input. Without privileges, as any program there. */
export async function answerProbes(): Promise<ProbeResult[]> {
  const probes = JSON.parse(readFileSync(0, 'utf8')) as Probe[]
  dropPrivileges()
  return Promise.all(probes.map(probe))
}

const NOBODY = 65534

function dropPrivileges(): void {
  try {
    process.setgroups?.([])
    process.setgid?.(NOBODY)
    process.setuid?.(NOBODY)
  } catch {
    // In a user namespace nobody else may have a number; there root is no more than who made it.
  }
}

async function probe({ protocol, timeout, ...target }: Probe): Promise<ProbeResult> {
  const started = performance.now()
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeout)
  const result = (outcome: ProbeResult['outcome'], error: string | null = null): ProbeResult => ({
    outcome,
    error,
    ms: Math.round((performance.now() - started) * 10) / 10,
  })
  try {
    await (protocol === 'udp' ? askUdp : connectTcp)(target, controller.signal)
    return result('answered')
  } catch (error) {
    const { code = null } = error as NodeJS.ErrnoException
    if (controller.signal.aborted) return result('silent')
    return result(code === 'ECONNREFUSED' ? 'refused' : 'failed', code ?? String(error))
  } finally {
    clearTimeout(timer)
  }
}

type Target = Pick<Probe, 'address' | 'port'>

async function connectTcp({ address, port }: Target, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: address, port })
  try {
    await once(socket, 'connect', { signal })
  } finally {
    socket.destroy()
  }
}

/** As many as are sent where no answer comes: one may be lost on a busy network. */
const DATAGRAMS = 3
const PAUSE = 200

async function askUdp({ address, port }: Target, signal: AbortSignal): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  // Connected, so that a refusal by ICMP comes back as an error.
  socket.connect(port, address)
  const answer = once(socket, 'message', { signal })
  answer.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  try {
    await once(socket, 'connect', { signal })
    let left = DATAGRAMS
    const send = () => {
      if (left-- > 0) socket.send(questionFor(port), () => {})
      if (left > 0) timer = setTimeout(send, PAUSE)
    }
    send()
    await answer
  } finally {
    clearTimeout(timer)
    socket.close()
  }
}

/** What a server of the port's usual protocol answers; one of another may keep silent at anything. */
function questionFor(port: number): Uint8Array {
  return port === 53 ? DNS_ROOT : port === 123 ? NTP_CLIENT : new TextEncoder().encode('nsctl\n')
}

/** A query for the name servers of the root. */
const DNS_ROOT = Uint8Array.from([0x4e, 0x53, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1])
/** Version 4, a client. */
const NTP_CLIENT = Uint8Array.from([0x23, ...new Array<number>(47).fill(0)])
