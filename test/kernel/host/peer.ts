import { fileURLToPath } from 'node:url'
import type { LaunchOptions, Result, Started, StartOptions } from './holder.ts'
import { PATIENTLY } from './patience.ts'

const PEER = fileURLToPath(new URL('./peer.mjs', import.meta.url))

export interface ServeOptions {
  /** Where it runs; default the host itself. */
  namespace?: string
  /** What it answers. */
  name: string
  /** Ports for TCP: HTTP that answers `{"name", "client", "server"}`. */
  tcp?: number[]
  /** Ports for UDP: any datagram is answered in the same way. */
  udp?: number[]
  /** Local address; default every one of both families. */
  address?: string
}

export interface Probe {
  /** A namespace, or `host`. */
  from: string
  /** Default tcp. */
  protocol?: 'tcp' | 'udp'
  address: string
  port: number
  /** Local address to send from. */
  source?: string
  /** Milliseconds until silence counts as no; default: `PATIENTLY`, for what is to be answered. */
  timeout?: number
}

export interface ProbeResult {
  ok: boolean
  /** Name of the server that answered. */
  name: string | null
  /** The client's address as the server saw it. */
  client: string | null
  /** The address and port the server was reached at, as it saw them; for UDP the port only. */
  server: string | null
  /** Errno name, `timeout`, or what was wrong with the answer. */
  error: string | null
}

type StartIn = (tool: string, args: string[], options?: StartOptions) => Promise<Started>
type RunIn = (tool: string, args: string[], options?: LaunchOptions) => Promise<Result>

export function serve(start: StartIn, { namespace, ...options }: ServeOptions): Promise<Started> {
  return start(process.execPath, [PEER, 'serve', JSON.stringify(options)], {
    ...(namespace === undefined ? {} : { namespace }),
    ready: /^ready$/m,
  })
}

/** A client that connects again and again; what it came to is told once it is stopped. */
export interface Watch {
  stop(): Promise<{ answers: number; failures: string[] }>
}

export async function watch(start: StartIn, namespace: string, target: Omit<Probe, 'from'>): Promise<Watch> {
  const client = await start(
    process.execPath,
    [PEER, 'watch', JSON.stringify({ timeout: PATIENTLY, ...target })],
    {
      namespace,
      ready: /^watching$/m,
    },
  )
  return {
    stop: async () => {
      client.kill('SIGTERM')
      return JSON.parse((await client.ended).stdout.trim().split('\n').at(-1) ?? '')
    },
  }
}

/** One process for each place of departure; its probes go out all at once. */
export async function probe(run: RunIn, probes: Probe[]): Promise<ProbeResult[]> {
  const results: ProbeResult[] = []
  const departures = [...new Set(probes.map(({ from }) => from))]
  await Promise.all(
    departures.map(async from => {
      const indexes = probes.flatMap((one, index) => (one.from === from ? [index] : []))
      const enter = from === 'host' ? [] : ['ip', 'netns', 'exec', from]
      const [tool = '', ...args] = [...enter, process.execPath, PEER, 'probe']
      const input = JSON.stringify(indexes.map(index => ({ timeout: PATIENTLY, ...probes[index] })))
      const { stdout } = await run(tool, args, { input })
      const answers: ProbeResult[] = JSON.parse(stdout)
      answers.forEach((answer, n) => {
        results[indexes[n] ?? 0] = answer
      })
    }),
  )
  return results
}
