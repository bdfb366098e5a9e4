import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { TopologyObserved, WatcherEvent } from '../../engine/watch/events.ts'
import type { Health } from '../../engine/watch/health.ts'
import type { Change } from '../../model/plan/plan.ts'
import type { WatchedState } from '../../model/plan/watch.ts'
import { Refused } from '../context.ts'
import type { Address } from './address.ts'

/** What Prometheus, and whoever looks after the process, can ask of a watcher. */
export interface Metrics {
  record(event: WatcherEvent): void
  /** Serves metrics and health until it is closed. Throws Refused where the port cannot be had. Returns the port, too. */
  serve(address: Address, health: Health): Promise<{ port: number; close(): void }>
}

const BUCKETS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120]
const STATES: WatchedState[] = [
  ...(['converged', 'drifted', 'suspended', 'pending'] as const),
  ...(['blocked', 'failing', 'fighting', 'stale'] as const),
]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    record: recorder(registry),
    serve: async ({ host, port }, health) => {
      const server = createServer((request, response) => answer(request, response, registry, health))
      server.requestTimeout = 5_000
      server.maxConnections = 32
      return {
        port: await listen(server, host, port),
        close: () => void server.close().closeAllConnections(),
      }
    },
  }
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
  health: Health,
): Promise<void> {
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
    void response.writeHead(status, { 'content-type': type }).end(text)
  const sayHealth = (why: string | null) => say(why === null ? 200 : 503, `${why ?? 'ok'}\n`)
  if (method !== 'GET' && method !== 'HEAD') return say(405, 'GET only\n')
  switch (url?.split('?', 1)[0]) {
    case '/metrics':
      return say(200, await registry.metrics(), registry.contentType)
    case '/healthz':
      return sayHealth(health.stuck())
    case '/readyz':
      return sayHealth(health.notReady())
    default:
      return say(404, 'there are /metrics, /healthz and /readyz\n')
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

function recorder(registry: Registry): (event: WatcherEvent) => void {
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
  const owned = gauge('nsctl_objects', 'Objects that a topology owns on the host.', ['topology', 'kind'])
  const commits = gauge('nsctl_source_commit', 'The commit in force, as a label.', ['topology', 'commit'])
  const lastLook = gauge('nsctl_last_look_timestamp_seconds', 'When the host was last looked at.', [])
  const lastFetch = gauge('nsctl_last_fetch_timestamp_seconds', 'When the repository was last fetched.', [])
  const alarms = counter('nsctl_alarms_total', 'What caused the host to be looked at.', ['alarm'])
  const finds = counter('nsctl_drift_found_total', 'Changes that were found to be needed.', [
    'topology',
    'kind',
  ])
  const repaired = counter('nsctl_drift_repaired_total', 'Changes that were made.', ['topology', 'kind'])
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
  const count = (to: Counter, topology: string, changes: Change[]) => {
    for (const [kind, number] of byKind(changes)) to.inc({ topology, kind }, number)
  }
  const recordState = ({ topology, changes, objects, isInSync, ...one }: TopologyObserved) => {
    for (const name of STATES)
      state.set({ topology, state: name }, name === one.standing.condition.state ? 1 : 0)
    inSync.set({ topology }, isInSync ? 1 : 0)
    if (one.commit !== null) commits.set({ topology, commit: one.commit }, 1)
    for (const [kind, number] of byKind(changes)) pending.set({ topology, kind }, number)
    for (const [kind, number] of byKind(objects)) owned.set({ topology, kind }, number)
  }
  return event => {
    switch (event.kind) {
      case 'observed':
        looks.observe(event.ms / 1000)
        lastLook.setToCurrentTime()
        for (const alarm of event.triggers) alarms.inc({ alarm })
        for (const gauge of [state, inSync, pending, owned, commits]) gauge.reset()
        for (const one of event.topologies) recordState(one)
        return
      case 'hostUnreadable':
        return lookFailures.inc()
      case 'changesFound':
        return count(finds, event.topology, event.changes)
      case 'repaired':
        repairs.observe({ topology: event.topology, outcome: 'repaired' }, event.ms / 1000)
        return count(repaired, event.topology, event.changes)
      case 'repairFailed':
        repairs.observe({ topology: event.topology, outcome: 'failed' }, event.ms / 1000)
        return failures.inc({ topology: event.topology })
      case 'fetched':
        if (event.unreachable === null) lastFetch.setToCurrentTime()
        else fetchFailures.inc()
    }
  }
}

function byKind(list: readonly { kind: string }[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { kind } of list) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
