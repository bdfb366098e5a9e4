import type { Libc } from './libc.ts'
import { attributesIn, messagesIn } from './message.ts'

/** The process that changed rules last, as the kernel names it. */
export interface RuleWriter {
  name: string
  pid: number
  /** Milliseconds since the epoch. */
  at: number
}

/** The kernel's own messages about changed nftables rules, those of iptables-nft among them, of this network namespace. */
export interface RuleEvents {
  /** What has come since the last call, without waiting; null: nothing. Its author is null where the kernel did not tell. */
  next(): { writer: RuleWriter | null } | null
  close(): void
}

const [AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, SOCK_CLOEXEC] = [16, 3, 12, 0o2000000]
/** NFNLGRP_NFTABLES of linux/netfilter/nfnetlink.h, as a bit. */
const RULES = 1 << 6
const MSG_DONTWAIT = 0x40
/** Messages were dropped, since they were not read in time: something has changed all the same. */
const ENOBUFS = 105

const buffer = Buffer.alloc(1 << 16)

/** Listens to changed rules from now on; null where the kernel does not allow it. */
export function openRuleEvents(libc: Libc): RuleEvents | null {
  const descriptor = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)
  if (descriptor < 0) return null
  const address = Buffer.alloc(12)
  address.writeUInt16LE(AF_NETLINK, 0)
  address.writeUInt32LE(RULES, 8)
  if (libc.bind(descriptor, address, address.length) < 0) {
    libc.close(descriptor)
    return null
  }
  return {
    next: () => {
      let [isHeard, writer]: [boolean, RuleWriter | null] = [false, null]
      for (;;) {
        const length = libc.recv(descriptor, buffer, buffer.length, MSG_DONTWAIT)
        if (length <= 0 && libc.errno() !== ENOBUFS) return isHeard ? { writer } : null
        isHeard = true
        if (length > 0) writer = writerOf(buffer.subarray(0, length)) ?? writer
      }
    },
    close: () => void libc.close(descriptor),
  }
}

/** NFT_MSG_NEWGEN of linux/netfilter/nf_tables.h, which ends a transaction, in the subsystem NFNL_SUBSYS_NFTABLES. */
const NEW_GENERATION = (10 << 8) | 15
const GENERATION = { pid: 2, name: 3 }
/** struct nfgenmsg */
const HEADER = 4

/** Who ended a transaction in what was received at once, or null. */
function writerOf(received: Buffer): RuleWriter | null {
  try {
    for (const { type, body } of messagesIn(received)) {
      if (type !== NEW_GENERATION) continue
      const found = attributesIn(body, HEADER)
      const [pid, name] = [found.get(GENERATION.pid), found.get(GENERATION.name)]
      if (pid && name) return { name: textOf(name), pid: pid.readUInt32BE(), at: Date.now() }
    }
  } catch {
    // Too long for the buffer, so that its end is missing: who it was is not known.
  }
  return null
}

function textOf(bytes: Buffer): string {
  return bytes.toString().replace(/\0.*$/s, '')
}
