import type { Host } from '../host/host.ts'
import { briefly, slowness } from '../host/patience.ts'
import type { Fate, Flow } from './flow.ts'

/** What became of a packet. */
export interface Met {
  fate: Fate
  /** The namespace whose server answered; null where none did, or the kernel. */
  by: string | null
}

/** How often a packet is sent that should be answered and is not: a busy machine loses some. */
const TRIES = 4

/**
 * Sends a packet of each flow, all at once.
 *
 * @param expected how long to wait for one: silence is believed sooner where nothing else is expected
 */
export async function send(host: Host, flows: Flow[], expected: Fate[]): Promise<Met[]> {
  const met: Met[] = []
  for (let tries = 0; tries < TRIES; tries++) {
    const open = flows.flatMap((_, i) => (met[i] && met[i].fate === expected[i] ? [] : [i]))
    // What has met anything but silence has been told so by somebody: only silence may have other reasons.
    const again = tries === 0 ? open : open.filter(i => met[i]?.fate === 'dropped')
    if (again.length === 0) break
    const results = await sendOnce(
      host,
      again.map(i => [flows[i] as Flow, expected[i] as Fate]),
    )
    again.forEach((i, n) => {
      met[i] = results[n] as Met
    })
  }
  return met
}

async function sendOnce(host: Host, flows: [Flow, Fate][]): Promise<Met[]> {
  const limit = (fate: Fate) => (fate === 'dropped' ? briefly() : 1_500 * slowness())
  const [probed, pinged] = await Promise.all([
    host.probe(
      flows.flatMap(([{ from, protocol, address, port, source }, fate]) =>
        protocol === 'icmp'
          ? []
          : [
              {
                from,
                protocol,
                address,
                port: port ?? 0,
                timeout: limit(fate),
                ...(source ? { source } : {}),
              },
            ],
      ),
    ),
    Promise.all(
      flows.flatMap(([flow, fate]) => (flow.protocol === 'icmp' ? [ping(host, flow, limit(fate))] : [])),
    ),
  ])
  return flows.map(([{ protocol }]) => {
    if (protocol === 'icmp') return pinged.shift() as Met
    const { ok, name, error } = probed.shift() ?? { ok: false, name: null, error: 'none' }
    if (ok) return { fate: 'answered', by: name }
    // EPERM: a datagram that the sender's own kernel dropped.
    return { fate: ['timeout', 'EPERM'].includes(String(error)) ? 'dropped' : 'refused', by: null }
  })
}

async function ping(host: Host, { from, address, source }: Flow, limit: number): Promise<Met> {
  const command = ['ping', '-n', '-c1', `-W${limit / 1000}`, ...(source ? ['-I', source] : []), address]
  const [tool = '', ...args] = from === 'host' ? command : ['ip', 'netns', 'exec', from, ...command]
  const { exitCode, stdout } = await host.run(tool, args, { reject: false })
  if (exitCode === 0) return { fate: 'answered', by: null }
  return { fate: /^From /m.test(stdout) ? 'refused' : 'dropped', by: null }
}
