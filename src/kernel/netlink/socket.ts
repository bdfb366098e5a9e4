import { closeSync, openSync } from 'node:fs'
import type { Libc } from './libc.ts'
import { eachMessage, FLAG, type Message, messagesIn, request } from './message.ts'

/** A namespace's routing socket: asks the kernel there, from here. */
export interface RouteSocket {
  /** Everything of a type; `body` is the fixed part of the question. */
  dump(type: number, body: Buffer): Message[]
  /** The same; where there are more than `few`, those are left out for which `keeps` does not hold. */
  dumpSome(type: number, body: Buffer, sieve: Sieve): { found: Message[]; leftOut: number }
  /** One answer to one question; null where the kernel refuses it. */
  ask(type: number, body: Buffer): Message | null
  /** One change; false where the kernel refuses it. */
  tell(type: number, flags: number, body: Buffer): boolean
  close(): void
}

interface Sieve {
  few: number
  /** @param at where the body of a message begins in the bytes */
  keeps(bytes: Buffer, at: number, end: number): boolean
}

/** What netlink could not tell for certain: `ip` is to be asked. */
export class Unclear extends Error {}

const CLONE_NEWNET = 0x40000000
const [AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, SOCK_CLOEXEC] = [16, 3, 0, 0o2000000]
export const NETLINK_NETFILTER = 12
const [ERROR, DONE] = [2, 3]
const INTERRUPTED = 0x10
const EINTR = 4

/** The kernel sends at most 32 KiB at once. */
const buffer = Buffer.alloc(1 << 16)

/**
 * Opens a routing socket in the namespace of a file of the kernel's nsfs, or in this process's own. This thread is in
 * there for just that long: a socket stays where it was made.
 */
export function openRouteSocket(libc: Libc, path: string | null): RouteSocket {
  const descriptor = openSocket(libc, path, NETLINK_ROUTE)
  return {
    dump: (type, body) => dump(libc, descriptor, type, body, ALL).found,
    dumpSome: (type, body, sieve) => dump(libc, descriptor, type, body, sieve),
    ask: (type, body) => {
      const [answer] = messagesIn(ask(libc, descriptor, request(type, 0, body)))
      return answer === undefined || answer.type === ERROR ? null : answer
    },
    tell: (type, flags, body) => {
      const [answer] = messagesIn(ask(libc, descriptor, request(type, flags | FLAG.acknowledge, body)))
      return answer?.type === ERROR && answer.body.readInt32LE() === 0
    },
    close: () => void libc.close(descriptor),
  }
}

/** A netlink socket for a protocol, in a namespace as above. Throws Unclear. */
export function openSocket(libc: Libc, path: string | null, protocol: number): number {
  return path === null ? socketHere(libc, protocol) : socketIn(libc, path, protocol)
}

/** What the kernel answers first, in a buffer that the next answer overwrites. Throws Unclear. */
export function ask(libc: Libc, descriptor: number, message: Buffer): Buffer {
  send(libc, descriptor, message)
  return receive(libc, descriptor)
}

function socketHere(libc: Libc, protocol: number): number {
  const descriptor = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  if (descriptor < 0) throw new Unclear(`no netlink socket: errno ${libc.errno()}`)
  return descriptor
}

function socketIn(libc: Libc, path: string, protocol: number): number {
  const own = openSync('/proc/thread-self/ns/net', 'r')
  try {
    const there = openSync(path, 'r')
    try {
      if (libc.setns(there, CLONE_NEWNET) < 0) throw new Unclear(`${path}: errno ${libc.errno()}`)
    } finally {
      closeSync(there)
    }
    try {
      return socketHere(libc, protocol)
    } finally {
      // Whatever this process did from now on it would do to somebody else's network.
      if (libc.setns(own, CLONE_NEWNET) < 0) process.abort()
    }
  } finally {
    closeSync(own)
  }
}

const ALL: Sieve = { few: Number.POSITIVE_INFINITY, keeps: () => true }

function dump(libc: Libc, descriptor: number, type: number, body: Buffer, { few, keeps }: Sieve) {
  send(libc, descriptor, request(type, FLAG.dump, body))
  let found: Message[] = []
  let [count, isDone] = [0, false]
  while (!isDone) {
    const received = receive(libc, descriptor)
    eachMessage(received, (kind, flags, at, end) => {
      if (isDone) return
      if (kind === ERROR) throw new Unclear('the kernel refuses a question')
      if (flags & INTERRUPTED) throw new Unclear('it changed while it was read')
      if (kind === DONE) isDone = true
      else if (++count <= few || keeps(received, at, end))
        // A copy: the messages are looked at when the next ones are in the buffer.
        found.push({ type: kind, flags, body: Buffer.from(received.subarray(at, end)) })
      if (count === few + 1) found = found.filter(one => keeps(one.body, 0, one.body.length))
    })
  }
  return { found, leftOut: count - found.length }
}

function send(libc: Libc, descriptor: number, message: Buffer): void {
  if (libc.send(descriptor, message, message.length, 0) < 0) throw new Unclear(`send: errno ${libc.errno()}`)
}

function receive(libc: Libc, descriptor: number): Buffer {
  for (;;) {
    const length = libc.recv(descriptor, buffer, buffer.length, 0)
    if (length > 0) return buffer.subarray(0, length)
    if (length === 0 || libc.errno() !== EINTR) throw new Unclear(`recv: errno ${libc.errno()}`)
  }
}
