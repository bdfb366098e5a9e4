import { setTimeout as sleep } from 'node:timers/promises'
import type { Follow } from '../process/long-lived.ts'
import { findTool } from '../process/tools.ts'

/** The process that changed rules last, as the kernel names it. */
export interface RuleWriter {
  name: string
  pid: number
  /** Milliseconds since the epoch. */
  at: number
}

export interface KernelListener {
  /** Links, addresses, routes, ip rules or settings have changed. */
  onNetworkChange(): void
  /** Rules of iptables-nft have changed. */
  onRuleChange(writer: RuleWriter | null): void
  /** One of the tools has ended, and is started again; events until then are lost. */
  onInterruption(why: string): void
}

const OBJECTS = ['link', 'address', 'route', 'rule', 'netconf', 'nsid']
const AGAIN = 1_000
const LONGEST = 60_000

/**
 * Listens to the kernel until it is stopped: `ip monitor`, which hears every namespace that the host has an id for, and
 * `xtables-monitor` for rules of the nft variant. Returns what stops it.
 */
export function listenToKernel(follow: Follow, listener: KernelListener): () => void {
  const stops = [
    keepFollowing(
      follow,
      ['ip', 'monitor', 'all-nsid', ...OBJECTS],
      () => listener.onNetworkChange(),
      listener,
    ),
    // It prints several lines for a change, the one with its author last. Into a pipe it would print only full buffers.
    ...(findTool('xtables-monitor') === null
      ? []
      : [
          keepFollowing(
            follow,
            ['stdbuf', '-oL', 'xtables-monitor', '--event'],
            line => listener.onRuleChange(writerIn(line)),
            listener,
          ),
        ]),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** `NEWGEN: GENID=5 PID=31152 NAME=iptables`; null for the other lines. */
export function writerIn(line: string): RuleWriter | null {
  const [, pid, name] = /^NEWGEN: .*\bPID=(\d+) NAME=(.*)$/.exec(line) ?? []
  return name === undefined ? null : { name, pid: Number(pid), at: Date.now() }
}

/** The kernel ends the tool when nsctl dies, even of SIGKILL: else it would run until its next line finds no reader. */
function keepFollowing(
  follow: Follow,
  command: string[],
  line: (text: string) => void,
  listener: KernelListener,
): () => void {
  let stopped = false
  let stop = () => {}
  const keep = async () => {
    for (let delay = AGAIN; !stopped; delay = Math.min(delay * 2, LONGEST)) {
      const followed = follow('setpriv', ['--pdeathsig', 'KILL', '--', ...command], line)
      stop = followed.stop
      const why = await followed.ended.catch(error => String(error))
      if (stopped) return
      listener.onInterruption(why)
      await sleep(delay, undefined, { ref: false })
    }
  }
  void keep()
  return () => {
    stopped = true
    stop()
  }
}
