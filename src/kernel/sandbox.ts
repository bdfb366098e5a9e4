import { existsSync, mkdirSync, readFileSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { CAP_SYS_ADMIN, hasCapability } from './process/privilege.ts'
import { CommandFailed, type Run } from './process/run.ts'
import { isExecutable } from './process/tools.ts'

/** What a sandbox's host is connected to. RFC 5737 and RFC 3849 addresses: they belong to nobody. */
export const OUTSIDE = {
  namespace: 'outside',
  uplink: 'ens5',
  host: ['203.0.113.10', '2001:db8:113::10'],
  /** The router at the far end of the uplink. */
  router: ['203.0.113.1', '2001:db8:113::1'],
  /** A client somewhere behind the router. */
  client: ['198.51.100.7', '2001:db8:51::7'],
} as const

/** Arguments to `unshare` for private namespaces; with a user namespace too where the caller is not privileged. */
export function isolation(): string[] {
  const base = ['--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']
  return mayUnshare() ? base : ['--user', '--map-root-user', ...base]
}

/** Root without CAP_SYS_ADMIN, as in most containers, is no better off than anybody else. */
export function mayUnshare(): boolean {
  return process.getuid?.() === 0 && hasCapability(CAP_SYS_ADMIN)
}

/** Why the kernel may have refused private namespaces, and what to do about it. */
export function refusalAdvice(): string[] {
  const setting = (key: string) => {
    const path = `/proc/sys/${key}`
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
  }
  if (mayUnshare()) return ['Something above the kernel forbids it, such as seccomp or an LSM.']
  const advice = [
    ...(setting('kernel/unprivileged_userns_clone') === '0'
      ? [
          'This host reserves user namespaces for root; to change that: sysctl kernel.unprivileged_userns_clone=1',
        ]
      : []),
    ...(setting('kernel/apparmor_restrict_unprivileged_userns') === '1'
      ? [
          'AppArmor takes the privileges out of user namespaces here (as on Ubuntu since 23.10); to change that:',
          'sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for unshare that allows `userns`',
        ]
      : []),
    ...(setting('user/max_user_namespaces') === '0'
      ? ['This host allows no user namespaces at all; to change that: sysctl user.max_user_namespaces=10000']
      : []),
    ...(process.getuid?.() === 0
      ? ['This root lacks CAP_SYS_ADMIN, as in a container; start the container with --privileged']
      : []),
  ]
  return process.getuid?.() === 0 ? advice : [...advice, 'Or run it as root: sudo nsctl sandbox']
}

/**
 * Makes fresh namespaces look like a host of their own. `run` runs tools inside them. Mounts are already private:
 * unshare sees to that.
 */
export async function furnish(run: Run, { uplink = true } = {}): Promise<void> {
  await ownDirectories(run)
  // For the prompt; not every system has the tool, and /proc/sys/kernel/hostname needs the real root.
  await run('hostname', ['sandbox']).catch(() => {})
  await run('ip', ['link', 'set', 'lo', 'up'])
  // A network namespace starts with the IPv4 settings of the machine's own, which may well be a router.
  await run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=0'])
  if (uplink) await connect(run)
}

/** The identities of this process's network and mount namespaces. */
export function ownSpaces(): string[] {
  return ['net', 'mnt'].map(kind => readlinkSync(`/proc/self/ns/${kind}`))
}

/** A furnished host's namespace keeps what is in it, and loses its name. */
export async function hideNamespace(run: Run, name: string): Promise<void> {
  const place = '/run/sandbox/beyond'
  await run('touch', [place])
  await run('mount', ['--bind', `/run/netns/${name}`, place])
  await run('ip', ['netns', 'del', name])
}

/** A directory for the path in which `nsctl` is the script that runs now; null where it cannot be run by itself. */
export function ownCommand(script: string): string | null {
  if (!isExecutable(script)) return null
  const directory = '/run/sandbox/bin'
  mkdirSync(directory, { recursive: true })
  symlinkSync(script, `${directory}/nsctl`)
  return directory
}

/** /run and /etc can be written to, and nothing of it reaches the real ones. */
async function ownDirectories(run: Run): Promise<void> {
  const resolvers = readResolvers()
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run'])
  await run('mkdir', ['-p', '/run/lock', '/run/sandbox/upper', '/run/sandbox/work'])
  for (const [path, content] of resolvers) {
    await run('mkdir', ['-p', dirname(path)])
    await run('tee', [path], { input: content })
  }
  try {
    const layers = 'lowerdir=/etc,upperdir=/run/sandbox/upper,workdir=/run/sandbox/work'
    await run('mount', ['-t', 'overlay', '-o', layers, 'overlay', '/etc'])
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    await copyOfEtc(run)
  }
  // Shows the new network namespace's interfaces. Containers often forbid it; then the real host's names stay there.
  await run('mount', ['-t', 'sysfs', 'sysfs', '/sys'], { accept: [1, 32] })
}

/** For kernels that refuse overlayfs in user namespaces (before 5.11), or a third layer of it. */
async function copyOfEtc(run: Run): Promise<void> {
  await run('mkdir', ['/run/sandbox/etc'])
  // Exit code 1: something could not be read, or its owner has no number here; the rest is copied.
  await run('cp', ['-a', '/etc/.', '/run/sandbox/etc/'], { accept: [1] })
  await run('mount', ['--bind', '/run/sandbox/etc', '/etc'])
}

/** What resolv.conf is made of where a resolver daemon keeps it below /run, which is about to be covered. */
function readResolvers(): [path: string, content: string][] {
  const paths = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'].filter(path => existsSync(path))
  return [...new Set(paths.map(path => realpathSync(path)))]
    .filter(path => path.startsWith('/run/'))
    .map(path => [path, readFileSync(path, 'utf8')])
}

/**
 * The uplink to a router that knows the client's network and the uplink's, and no route to any private one: what
 * leaves the host without being masqueraded gets no answer, as on the internet.
 */
async function connect(run: Run): Promise<void> {
  const { namespace, uplink, host, router, client } = OUTSIDE
  const families = existsSync('/proc/sys/net/ipv6') ? ([0, 1] as const) : ([0] as const)
  const lines = (make: (family: 0 | 1) => string) => families.map(make)
  const wide = ['/24', '/64 nodad'] as const
  const single = ['/32', '/128 nodad'] as const

  await batch(
    run,
    [],
    [
      `netns add ${namespace}`,
      `link add ${uplink} address 02:00:00:00:71:0a type veth peer name eth0 address 02:00:00:00:71:01 netns ${namespace}`,
    ],
  )
  if (families.length === 2) {
    // Without duplicate address detection, link-local addresses can be used at once, not after two seconds.
    const noDetection = (link: string) =>
      ['sysctl', '-q', '-w', `net.ipv6.conf.${link}.accept_dad=0`] as const
    await run(noDetection(uplink)[0], noDetection(uplink).slice(1))
    await run('ip', ['netns', 'exec', namespace, ...noDetection('eth0')])
  }
  await run('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=0'])
  await batch(
    run,
    ['-n', namespace],
    [
      'link set lo up',
      ...lines(family => `address add ${client[family]}${single[family]} dev lo`),
      ...lines(family => `address add ${router[family]}${wide[family]} dev eth0`),
      'link set eth0 up',
    ],
  )
  await batch(
    run,
    [],
    [
      ...lines(family => `address add ${host[family]}${wide[family]} dev ${uplink}`),
      `link set ${uplink} up`,
      ...lines(family => `route add default via ${router[family]} dev ${uplink}`),
    ],
  )
}

async function batch(run: Run, options: string[], lines: string[]): Promise<void> {
  await run('ip', [...options, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}
