import type { Run } from '../process/run.ts'
import { askNamespaces } from '../read/in-namespaces.ts'
import { parseArrays } from '../read/json.ts'

/** Bytes an interface has received and sent since it was made. */
interface Counters {
  received: number
  sent: number
}

interface IpStatistics {
  ifname: string
  stats64?: { rx?: { bytes?: number }; tx?: { bytes?: number } }
}

const COMMAND = ['ip', '-j', '-s', 'link', 'show']

/** Counters of the host's interfaces and of those in the named namespaces, by namespace (`host`) and interface. */
export async function readTraffic(
  run: Run,
  namespaces: string[],
): Promise<Map<string, Map<string, Counters>>> {
  const [tool = '', ...args] = COMMAND
  const host = decode((await run(tool, args)).stdout)
  const answers = await askNamespaces(run, namespaces, { command: COMMAND, lines: 1 })
  return new Map([
    ['host', host],
    ...[...answers].map(([name, answer]): [string, Map<string, Counters>] => [
      name,
      'unreadable' in answer ? new Map() : decode(answer.lines.join('\n')),
    ]),
  ])
}

function decode(text: string): Map<string, Counters> {
  const [links = []] = parseArrays(COMMAND.join(' '), text, 1)
  return new Map(
    (links as IpStatistics[]).map(({ ifname, stats64 }) => [
      ifname,
      { received: stats64?.rx?.bytes ?? 0, sent: stats64?.tx?.bytes ?? 0 },
    ]),
  )
}
