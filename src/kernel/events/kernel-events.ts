import { libcFor, type NetlinkChoice } from '../netlink/libc.ts'
import { openRuleEvents, type RuleEvents, type RuleWriter } from '../netlink/rule-events.ts'
import type { Follow } from '../process/long-lived.ts'
import { findTool } from '../process/tools.ts'
import { type Interruptions, keepFollowing, type Listening, type Telling } from './followed.ts'

export interface KernelListener extends Interruptions {
  /** Links, addresses, routes, ip rules or settings have changed. */
  onNetworkChange(): void
  /** Rules of nftables have changed, those of iptables-nft among them. */
  onRuleChange(writer: RuleWriter | null): void
}

export interface KernelEvents {
  network: Listening
  /** Rules of the legacy variant are told of by nobody. */
  rules: Listening
  stop(): void
}

const OBJECTS = ['link', 'address', 'route', 'rule', 'netconf', 'nsid']

/**
 * Listens to the kernel until it is stopped: by `ip monitor`, which hears every namespace that the host has an id for, and
 * for rules by netlink itself or, without that, by a tool that prints them.
 */
export function listenToKernel(
  follow: Follow,
  choice: NetlinkChoice,
  listener: KernelListener,
): KernelEvents {
  const command = ['ip', 'monitor', 'all-nsid', ...OBJECTS]
  const network = keepFollowing(follow, [{ command, line: () => listener.onNetworkChange() }], listener)
  const libc =
    choice.reader === 'ip' ? null : libcFor({ ...choice, reader: 'auto' }, Number.POSITIVE_INFINITY)
  const events = libc && openRuleEvents(libc)
  const rules = events ? listenToRules(events, listener) : followRules(follow, listener)
  return {
    network,
    rules,
    stop: () => {
      network.stop()
      rules.stop()
    },
  }
}

/** Milliseconds between two looks at what the kernel has sent: node cannot wait for a socket that is not its own. */
const LOOK = 100

/** Nothing is ever missed here: the kernel says so when it had to drop a message. */
function listenToRules(events: RuleEvents, listener: KernelListener): Listening {
  const timer = setInterval(() => {
    const event = events.next()
    if (event) listener.onRuleChange(event.writer)
  }, LOOK)
  timer.unref()
  return {
    isDeaf: () => false,
    stop: () => {
      clearInterval(timer)
      events.close()
    },
  }
}

/** `# new generation 5 by process 31152 (iptables)` of `nft`, `NEWGEN: GENID=5 PID=31152 NAME=iptables` of the other. */
const WRITER =
  /^(?:# new generation \d+ by process (?<pid>\d+) \((?<name>.*)\)|NEWGEN: .*\bPID=(?<its>\d+) NAME=(?<as>.*))$/

/**
 * `xtables-monitor` ends at rules that it cannot print, such as one of IPv6 and TCP (1.8.9), so it is the second choice.
 * Both print several lines for a change, the one with its author last. Into a pipe they would print only full buffers.
 */
function followRules(follow: Follow, listener: KernelListener): Listening {
  const [first, ...more] = [
    ['nft', 'monitor'],
    ['xtables-monitor', '--event'],
  ].flatMap(([tool = '', ...args]): Telling[] =>
    findTool(tool) === null
      ? []
      : [
          {
            command: ['stdbuf', '-oL', tool, ...args],
            line: text => listener.onRuleChange(writerIn(text)),
          },
        ],
  )
  if (first !== undefined) return keepFollowing(follow, [first, ...more], listener)
  listener.onInterruption(
    'changed rules are heard of by nft, xtables-monitor or the package koffi: none is there',
  )
  return { isDeaf: () => true, stop() {} }
}

/** Null for lines that name nobody. */
export function writerIn(line: string): RuleWriter | null {
  const { pid, name, its, as } = WRITER.exec(line)?.groups ?? {}
  const found = name ?? as
  return found === undefined ? null : { name: found, pid: Number(pid ?? its), at: Date.now() }
}
