import { chooser, createRandom } from '../explain/situations.ts'
import { type Flow, parseFlow } from './flow.ts'

const PLACES = ['outside', 'outside', 'host', 'netns1', 'netns1', 'netns2', 'lab1']
const OF_HOST = ['host', 'host6', 'gateway1', 'gateway2', 'gateway3']
const OF_NAMESPACES = ['netns1', 'netns1-6', 'netns2', 'netns2-6', 'lab1', 'lab2', 'lab1-6', 'lab2-6']
const PORTS = {
  host: [6000, 6000, 6001, 6001, 7000, 7001, 22, 53, 8088, 9],
  client: [9000, 9000, 9001, 53, 81],
  namespace: [8080, 8080, 8081, 9],
}

/** Flows between any two places, most of them to where something might be: the same for the same seed. */
export function randomFlows(count: number, seed: number, places: string[]): Flow[] {
  const random = createRandom(seed)
  const pick = chooser(random)
  return Array.from({ length: count }, () => {
    const from = pick([...PLACES, ...places])
    const protocol = pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp'])
    // As on the internet, nobody outside knows a way to private addresses.
    const kind = from === 'outside' ? 'host' : pick(['host', 'client', 'client', 'namespace'] as const)
    const to =
      from === 'outside'
        ? pick(['host', 'host', 'host6'])
        : kind === 'host'
          ? pick(OF_HOST)
          : kind === 'client'
            ? pick(['client', 'client', 'client6'])
            : pick(OF_NAMESPACES)
    const text = `${protocol} ${from} -> ${to}${protocol === 'icmp' ? '' : `:${pick(PORTS[kind])}`}`
    const parsed = parseFlow(text)
    if (!parsed) throw new Error(text)
    return parsed.flow
  })
}

/** A seed of its own for each name. */
export function seedOf(name: string, seed: number): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, seed)
}
