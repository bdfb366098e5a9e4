import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NamedFlow } from '../../../src/explain/endpoints.ts'
import { type Judgement, outcomeOf } from '../../../src/explain/judgement.ts'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from '../host/host.ts'
import { script, serveIn } from '../host/paths.ts'
import { slowness } from '../host/patience.ts'
import { applyText, topologyFile } from '../host/topology.ts'
import { type Attempt, chooser, createRandom, randomAttempt, TOPOLOGY, TROUBLES } from './situations.ts'

/** Rounds of one host with something wrong and a handful of flows each; NSCTL_SOAK=200 for more of them. */
const ROUNDS = Number(process.env.NSCTL_SOAK ?? 12)
const SEED = Number(process.env.NSCTL_SEED ?? 7)
const FLOWS = 8
const SILENCE = 900 * slowness()

const EXPLAIN = fileURLToPath(new URL('explain-many.ts', import.meta.url))
const TSX = fileURLToPath(new URL('../../../node_modules/.bin/tsx', import.meta.url))

let host: Host
beforeAll(async () => {
  host = await createHost()
  // As on the internet nobody knows the way to private addresses; but this neighbour knows it to one.
  await script(host, `ip -n outside route add 10.20.0.0/16 via ${OUTSIDE.host[0]}`)
  await applyText(host, TOPOLOGY)
  await serveIn(host, { host: [7001], outside: [80] }, [7001, 80])
  await serveIn(
    host,
    { web1: [8080], app1: [8080], lab1: [8080, 8081], lab2: [8080], raw1: [8080], shut1: [8080] },
    [8080],
  )
})
afterAll(() => host.dispose())

/** What explain says and what a real packet meets, flow by flow, whatever is wrong with the host. */
test(`explain says what becomes of a packet: ${ROUNDS} rounds of ${FLOWS} flows`, {
  timeout: 600_000 + ROUNDS * 100_000,
}, async () => {
  const wrong: string[] = []
  const open: string[] = []
  const told = { reached: 0, not: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const random = createRandom(SEED * 10_000 + round)
    const pick = chooser(random)
    const troubles = [...new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(TROUBLES)))]
    const attempts = Array.from({ length: FLOWS }, () => randomAttempt(random))
    // Two troubles may be in each other's way: what then comes of both is a situation too.
    for (const { make } of troubles) await host.run('sh', ['-c', make], { reject: false })
    const judgements = await explained(attempts)
    const fates = await tried(attempts)
    attempts.forEach((attempt, i) => {
      const judged = judgements[i] ?? ''
      const [asked, modelled] = typeof judged === 'string' ? [] : judged
      const line = `${SEED}/${round} ${troubles.map(({ name }) => name).join(' + ')}: ${shown(attempt)}`
      const said = [asked, modelled].map(one => (one ? reachable(one) : false))
      const fate = fates[i] ?? 'none'
      const reached = fate === 'answered'
      if (said.includes(null)) open.push(`${line}: ${JSON.stringify(judgements[i])}`)
      else if (said[0] !== reached || said[1] !== reached) {
        const texts = [asked, modelled].map(one => (one ? outcomeOf(one.verdict) : judged))
        wrong.push(`${line}: real: ${fate}; kernel: ${texts[0]}; tables: ${texts[1]}`)
      } else told[reached ? 'reached' : 'not']++
    })
    for (const { mend } of troubles.toReversed()) await host.run('sh', ['-c', mend], { reject: false })
    await host.nsctl(['apply', await topologyFile(host, TOPOLOGY), '--yes'])
  }
  console.log(`${told.reached} reached, ${told.not} not, ${open.length} open, ${wrong.length} wrong`)
  expect(wrong).toEqual([])
  expect(open).toEqual([])
  // A test that everything fails in, or nothing, would compare little.
  expect(Math.min(told.reached, told.not)).toBeGreaterThan((ROUNDS * FLOWS) / 6)
})

async function explained(attempts: Attempt[]): Promise<(Judgement[] | string)[]> {
  const named = attempts.map(({ from, protocol, address, port }): NamedFlow => {
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const source = from === 'outside' ? OUTSIDE.client[family === 'ipv4' ? 0 : 1] : null
    const written =
      port === null ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
    return { protocol, from, to: written, family, uplink: from === 'outside' ? OUTSIDE.uplink : null, source }
  })
  const { stdout } = await host.run(TSX, [EXPLAIN, JSON.stringify(named)])
  return JSON.parse(stdout)
}

async function tried(attempts: Attempt[]): Promise<string[]> {
  const sourceOf = ({ from, address }: Attempt) =>
    from === 'outside' ? { source: OUTSIDE.client[address.includes(':') ? 1 : 0] } : {}
  const [probed, pinged] = await Promise.all([
    host.probe(
      attempts.flatMap(attempt =>
        attempt.protocol === 'icmp'
          ? []
          : [
              {
                ...{ from: attempt.from, protocol: attempt.protocol, address: attempt.address },
                ...{ port: attempt.port ?? 0, timeout: SILENCE, ...sourceOf(attempt) },
              },
            ],
      ),
    ),
    Promise.all(attempts.filter(({ protocol }) => protocol === 'icmp').map(ping)),
  ])
  return attempts.map(({ protocol }) => {
    if (protocol === 'icmp') return pinged.shift() ?? 'none'
    const result = probed.shift()
    return result?.ok ? 'answered' : (result?.error ?? 'none')
  })
}

async function ping({ from, address }: Attempt): Promise<string> {
  const source = from === 'outside' ? ['-I', OUTSIDE.client[address.includes(':') ? 1 : 0] ?? ''] : []
  const command = ['ping', '-n', '-c1', `-W${Math.ceil(SILENCE / 1000)}`, ...source, address]
  const [tool = '', ...args] = from === 'host' ? command : ['ip', 'netns', 'exec', from, ...command]
  const { exitCode } = await host.run(tool, args, { reject: false })
  return exitCode === 0 ? 'answered' : 'timeout'
}

/** Null: explain does not know. */
function reachable({ verdict }: Judgement): boolean | null {
  if (verdict.kind === 'undetermined') return null
  return verdict.kind === 'delivered' || verdict.kind === 'leaves'
}

function shown({ protocol, from, address, port }: Attempt): string {
  return `${protocol} ${from} -> ${address}${port === null ? '' : ` ${port}`}`
}
