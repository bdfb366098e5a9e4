import { createServer, type Server } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { WatchedState } from '../../model/watch.ts'
import { Refused } from '../context.ts'
import type { Address } from './address.ts'

export interface Observation {
  topology: string
  state: WatchedState
  inSync: boolean
  /** Changes that were found to be needed, by kind. */
  drift: Record<string, number>
  /** Objects that there are, by kind. */
  objects: Record<string, number>
  commit: string | null
}

export interface Metrics {
  looked(seconds: number, alarms: Iterable<string>, found: Observation[]): void
  lookFailed(): void
  /** Changes that were not there to make at the look before. */
  found(topology: string, kinds: Record<string, number>): void
  repaired(topology: string, seconds: number, kinds: Record<string, number>): void
  repairFailed(topology: string, seconds: number): void
  fetched(ok: boolean): void
}

/** What /healthz and /readyz say: null when all is well, or why not. */
export interface Health {
  alive(): string | null
  ready(): string | null
}

const BUCKETS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120]
const STATES: WatchedState[] = [
  ...(['converged', 'drifted', 'suspended', 'pending'] as const),
  ...(['blocked', 'failing', 'fighting', 'stale'] as const),
]

/** Serves metrics and health until it is closed; throws Refused where the port cannot be had. Returns the port, too. */
export async function serveMetrics(
  { host, port }: Address,
  health: Health,
): Promise<{ metrics: Metrics; port: number; close(): void }> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const metrics = collect(registry)
  const server = createServer(async (request, response) => {
    const say = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(text)
    const judge = (why: string | null) => say(why === null ? 200 : 503, `${why ?? 'ok'}\n`)
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'GET only\n')
    switch (request.url?.split('?', 1)[0]) {
      case '/metrics':
        return say(200, await registry.metrics(), registry.contentType)
      case '/healthz':
        return judge(health.alive())
      case '/readyz':
        return judge(health.ready())
      default:
        return say(404, 'there are /metrics, /healthz and /readyz\n')
    }
  })
  server.requestTimeout = 5_000
  server.maxConnections = 32
  return {
    metrics,
    port: await listen(server, host, port),
    close: () => void server.close().closeAllConnections(),
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(new Refused(`metrics on ${host}:${port}: ${error.message}`)))
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function collect(registry: Registry): Metrics {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers })
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers })
  const state = gauge('nsctl_topology_state', 'The state a topology is in: 1 for that one.', [
    'topology',
    'state',
  ])
  const inSync = gauge('nsctl_topology_in_sync', 'Whether the host is as the source declares.', ['topology'])
  const pending = gauge('nsctl_drift_changes', 'Changes that are needed now.', ['topology', 'kind'])
  const objects = gauge('nsctl_objects', 'Objects that a topology owns on the host.', ['topology', 'kind'])
  const commits = gauge('nsctl_source_commit', 'The commit in force, as a label.', ['topology', 'commit'])
  const lastLook = gauge('nsctl_last_look_timestamp_seconds', 'When the host was last looked at.', [])
  const lastFetch = gauge('nsctl_last_fetch_timestamp_seconds', 'When the repository was last fetched.', [])
  const alarms = counter('nsctl_alarms_total', 'What caused the host to be looked at.', ['alarm'])
  const finds = counter('nsctl_drift_found_total', 'Changes that were found to be needed.', [
    'topology',
    'kind',
  ])
  const mended = counter('nsctl_drift_repaired_total', 'Changes that were made.', ['topology', 'kind'])
  const failures = counter('nsctl_repair_failures_total', 'Repairs that failed.', ['topology'])
  const lookFailures = counter('nsctl_look_failures_total', 'Times the host could not be read.')
  const fetchFailures = counter('nsctl_fetch_failures_total', 'Times the repository could not be fetched.')
  const histogram = (name: string, help: string, labelNames: string[]) =>
    new Histogram({ name, help, labelNames, buckets: BUCKETS, registers })
  const looks = histogram('nsctl_look_duration_seconds', 'How long reading and planning took.', [])
  const repairs = histogram('nsctl_repair_duration_seconds', 'How long a repair took.', [
    'topology',
    'outcome',
  ])
  const count = (to: Counter, topology: string, kinds: Record<string, number>) => {
    for (const [kind, number] of Object.entries(kinds)) to.inc({ topology, kind }, number)
  }
  return {
    looked: (seconds, causes, all) => {
      looks.observe(seconds)
      lastLook.setToCurrentTime()
      for (const alarm of causes) alarms.inc({ alarm })
      for (const one of [state, inSync, pending, objects, commits]) one.reset()
      for (const { topology, ...seen } of all) {
        for (const name of STATES) state.set({ topology, state: name }, name === seen.state ? 1 : 0)
        inSync.set({ topology }, seen.inSync ? 1 : 0)
        if (seen.commit !== null) commits.set({ topology, commit: seen.commit }, 1)
        for (const [kind, number] of Object.entries(seen.drift)) pending.set({ topology, kind }, number)
        for (const [kind, number] of Object.entries(seen.objects)) objects.set({ topology, kind }, number)
      }
    },
    lookFailed: () => lookFailures.inc(),
    found: (topology, kinds) => count(finds, topology, kinds),
    repaired: (topology, seconds, kinds) => {
      repairs.observe({ topology, outcome: 'repaired' }, seconds)
      count(mended, topology, kinds)
    },
    repairFailed: (topology, seconds) => {
      repairs.observe({ topology, outcome: 'failed' }, seconds)
      failures.inc({ topology })
    },
    fetched: ok => {
      if (ok) lastFetch.setToCurrentTime()
      else fetchFailures.inc()
    },
  }
}
