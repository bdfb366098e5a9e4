/** What one of our own rules says; foreign rules are not reasoned from. */
export interface ReadRule {
  protocol: string | undefined
  source: string | undefined
  destination: string | undefined
  /** First and last, inclusive. */
  port: [number, number] | undefined
  /** Address and port where it translates, else empty and 0. */
  target: { kind: string; address: string; port: number } | undefined
}

/** Reads a rule as iptables-save prints it, without `-A CHAIN `. */
export function readRule(text: string): ReadRule {
  const word = (pattern: RegExp) => pattern.exec(` ${text}`)?.[1]
  const ports = / --dport (\d+)(?::(\d+))?/.exec(text)
  const to = / -j (\S+)(?: --to-destination (?:\[([^\]]+)\]|([\d.]+)):(\d+))?/.exec(` ${text}`)
  return {
    protocol: word(/ -p (\S+)/),
    source: word(/ -s (\S+)/),
    destination: word(/ -d (\S+)/)?.replace(/\/(32|128)$/, ''),
    port: ports?.[1] === undefined ? undefined : [Number(ports[1]), Number(ports[2] ?? ports[1])],
    target:
      to?.[1] === undefined
        ? undefined
        : { kind: to[1], address: to[2] ?? to[3] ?? '', port: Number(to[4] ?? 0) },
  }
}

/** Whether an interface is the one that a rule names: `eth+` stands for every name that begins so. */
export function interfaceMatches(pattern: string, name: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}
