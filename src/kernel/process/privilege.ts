import { readFileSync } from 'node:fs'

/** Thrown before the first command, so that nobody has to guess it from what `ip` and `iptables` say. */
export class NotPermitted extends Error {
  constructor() {
    super(
      "nsctl needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN) to read this host's network namespaces and firewall; " +
        'run it with sudo, or try it without in `nsctl sandbox`',
    )
    this.name = 'NotPermitted'
  }
}

const CAP_NET_ADMIN = 1n << 12n
export const CAP_SYS_ADMIN = 1n << 21n

/** Throws NotPermitted unless this process may enter namespaces and read the firewall. */
export function requirePrivilege(status?: string): void {
  if (!isPrivileged(status)) throw new NotPermitted()
}

export function isPrivileged(status?: string): boolean {
  return hasCapability(CAP_NET_ADMIN, status) && hasCapability(CAP_SYS_ADMIN, status)
}

/** `status`: of a process, as /proc has it; without it, this one's. */
export function hasCapability(
  capability: bigint,
  status = readFileSync('/proc/self/status', 'utf8'),
): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return (effective & capability) !== 0n
}
