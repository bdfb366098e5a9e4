import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Started } from './holder.ts'
import type { Host } from './host.ts'
import { briefly, PATIENTLY, slowness } from './patience.ts'

/** Milliseconds without an answer after which a connection is at `silence`. */
const SILENCE = 500

const STREAM = fileURLToPath(new URL('./stream.mjs', import.meta.url))

interface Target {
  protocol?: 'tcp' | 'udp'
  address: string
  port: number
  source?: string
}

/** A connection that speaks all the time. */
export interface Flow {
  /** Waits until it speaks to a server of this name, or is at `silence`, or ended by an error that matches. */
  until(state: RegExp): Promise<void>
  /** All that became of it so far: names, `silence`, errors, each only when it changed. */
  history(): string[]
  stop(): Promise<unknown>
}

/** How often a siege got through at one place, and how often not. */
export interface Tally {
  through: number
  refused: number
  why: Record<string, number>
}

/** A server whose connections last: it answers each line, and each datagram, with its name. */
export function echo(
  host: Host,
  name: string,
  ports: { tcp?: number[]; udp?: number[] },
  namespace = name,
): Promise<Started> {
  return stream(host, 'echo', namespace, { name, ...ports })
}

export async function openFlow(
  host: Host,
  from: string,
  target: Target & { sourcePort?: number },
): Promise<Flow> {
  const started = await stream(host, 'flow', from, { silence: SILENCE * slowness(), ...target })
  const history = () =>
    started
      .stdout()
      .split('\n')
      .filter(line => line !== '' && line !== 'ready')
  return {
    history,
    until: async state => {
      for (const deadline = Date.now() + PATIENTLY; Date.now() < deadline; await sleep(20)) {
        if (state.test(history().at(-1) ?? '')) return
      }
      const which = `${from} -> ${target.protocol ?? 'tcp'} ${target.address}:${target.port}`
      expect([which, ...history()]).toEqual([which, expect.stringMatching(state)])
    },
    stop: () => started.stop(),
  }
}

/** Tries from one place to get at several, over and over; `lift` ends it and tells how often that went well. */
export async function besiege(
  host: Host,
  from: string,
  targets: (Target & { timeout?: number })[],
): Promise<{ lift(): Promise<Tally[]> }> {
  const probes = targets.map(target => ({ timeout: briefly(), ...target }))
  const started = await stream(host, 'siege', from, probes)
  return {
    lift: async () => {
      started.kill('SIGTERM')
      const { stdout } = await started.ended
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]')
    },
  }
}

function stream(
  host: Host,
  mode: string,
  from: string,
  options: object,
  ready = /^ready$/m,
): Promise<Started> {
  return host.start(process.execPath, [STREAM, mode, JSON.stringify(options)], {
    ...(from === 'host' ? {} : { namespace: from }),
    ready,
  })
}
