import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailed, type Run } from '../../../src/kernel/process/run.ts'
import { furnish } from '../../../src/kernel/sandbox.ts'
import { hold, launch, type Result, type Started, type StartOptions, start } from './holder.ts'
import { type Probe, type ProbeResult, probe, type ServeOptions, serve, type Watch, watch } from './peer.ts'

/**
 * What the machine of the tests has installed and configured is not the host's: nsctl reads these, and would find ufw
 * switched on, forwarding asked for, or a name server on loopback.
 */
const FORGET = `
rm -rf /etc/ufw /etc/sysctl.conf /etc/sysctl.d /etc/systemd/network /etc/NetworkManager /etc/netns /etc/resolv.conf
echo 'nameserver 192.0.2.53' > /etc/resolv.conf
for directory in /usr/lib/sysctl.d /usr/local/lib/sysctl.d; do
  if [ -e "$directory" ]; then mount -t tmpfs tmpfs "$directory"; fi
done`

/** The built command, as users run it. */
export const NSCTL = fileURLToPath(new URL('../../../dist/nsctl.cjs', import.meta.url))

export interface HostOptions {
  /** Whether there is an uplink `ens5` to a namespace `outside`; default true. */
  uplink?: boolean
}

interface RunOptions {
  input?: string
  /** Added to the environment of the tests. */
  env?: Record<string, string>
  cwd?: string
  /** Whether an exit code other than 0 is thrown; default true. */
  reject?: boolean
}

/** A private host: its own network, mounts, processes, /run and /etc; gone without trace with `dispose`. */
export interface Host {
  /** Runs a tool to its end. */
  run(tool: string, args: string[], options?: RunOptions): Promise<Result>
  /** Runs the built nsctl. A failure is not thrown: its exit code is what is tested. */
  nsctl(args: string[], options?: RunOptions): Promise<Result>
  /** Runs a tool in one of the host's named namespaces. */
  in(namespace: string, tool: string, args: string[], options?: RunOptions): Promise<Result>
  start(tool: string, args: string[], options?: StartOptions): Promise<Started>
  /** Starts a server for TCP (HTTP) and UDP that answers with its name and the client it sees. */
  serve(options: ServeOptions): Promise<Started>
  /** Sends one probe to such a server. */
  get(probe: Probe): Promise<ProbeResult>
  /** Sends many at once; results in the same order. */
  probe(probes: Probe[]): Promise<ProbeResult[]>
  /** Probes from a namespace again and again, until it is stopped. */
  watch(namespace: string, target: Omit<Probe, 'from'>): Promise<Watch>
  write(path: string, content: string): Promise<void>
  read(path: string): Promise<string>
  /** Runs tools like the kernel layer's runner: for code under test that takes a `Run`. */
  runner: Run
  /** Pid, in the tests' pid namespace, of a process whose net, mnt, uts and ipc namespaces are the host's. */
  pid: number
  dispose(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes a host of its own and connects it to an outside. */
export async function createHost({ uplink = true }: HostOptions = {}): Promise<Host> {
  const holder = await hold()

  const run = async (tool: string, args: string[], options: RunOptions = {}): Promise<Result> => {
    const result = await launch(holder, [tool, ...args], options).ended
    if (result.exitCode !== 0 && options.reject !== false) {
      throw new Error(`${[tool, ...args].join(' ')}: exit code ${result.exitCode}: ${result.stderr}`)
    }
    return result
  }
  const runner: Run = async (tool, args, options = {}) => {
    const { accept = [], input = '' } = options
    const result = await run(tool, args, { input, env: { LC_ALL: 'C' }, reject: false })
    if (result.exitCode !== 0 && !accept.includes(result.exitCode)) {
      const why = `exit code ${result.exitCode}`
      throw new CommandFailed(tool, args, result.exitCode, result.stderr, why, input)
    }
    return result
  }
  const startIn: Host['start'] = (tool, args, options) => start(holder, tool, args, options)

  try {
    await furnish(runner, { uplink })
    await run('sh', ['-ec', FORGET])
  } catch (error) {
    await holder.release()
    throw error
  }
  return {
    run,
    runner,
    nsctl: (args, options) => run(process.execPath, [NSCTL, ...args], { reject: false, ...options }),
    in: (namespace, tool, args, options) => run('ip', ['netns', 'exec', namespace, tool, ...args], options),
    start: startIn,
    serve: options => serve(startIn, options),
    get: async one => (await probe(run, [one]))[0] as ProbeResult,
    probe: probes => probe(run, probes),
    watch: (namespace, target) => watch(startIn, namespace, target),
    read: async path => (await run('cat', [path])).stdout,
    write: async (path, content) => {
      await run('mkdir', ['-p', dirname(path)])
      await run('tee', [path], { input: content })
    },
    pid: holder.pid,
    dispose: holder.release,
    [Symbol.asyncDispose]: holder.release,
  }
}
