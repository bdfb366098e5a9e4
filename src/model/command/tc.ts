/** A change that `tc` makes, in the namespace named; `host` is the host. */
export type TcCommand = ReplaceQdisc | DeleteQdisc

/** Puts a token bucket filter at the root of an interface. */
interface ReplaceQdisc {
  tool: 'tc'
  namespace: string
  op: 'qdisc-replace'
  dev: string
  /** Bits per second. */
  rate: number
  /** Bytes. */
  burst: number
  /** Milliseconds for which a packet may wait. */
  latency: number
}

interface DeleteQdisc {
  tool: 'tc'
  namespace: string
  op: 'qdisc-delete'
  dev: string
}

/** Arguments of `tc`, behind the options that say where. */
export function tcArguments(command: TcCommand): string[] {
  const { dev } = command
  if (command.op === 'qdisc-delete') return ['qdisc', 'del', 'dev', dev, 'root']
  const { rate, burst, latency } = command
  const bucket = ['rate', `${rate}bit`, 'burst', `${burst}b`, 'latency', `${latency}ms`]
  return ['qdisc', 'replace', 'dev', dev, 'root', 'tbf', ...bucket]
}
