import { createHost, type Host } from '../kernel/host/host.ts'
import { difference } from '../kernel/oracle/difference.ts'
import { picture } from '../kernel/oracle/oracle.ts'
import { STORIES } from '../kernel/trust/stories.ts'

/** What could grow, counted on one host. */
export interface Count {
  cycle: number
  processes: number
  /** Open files of all processes. */
  descriptors: number
  /** Network namespaces that a process or a mount keeps. */
  namespaces: number
  mounts: number
  rules: number
  /** In /run, which is made the directory for temporary files too, and /etc/netns. */
  files: number
}

/**
 * Applies, edits and destroys a topology with everything in it, over and over on one host. Returns what was counted
 * after every `every` cycles, and in what the host differs from before.
 */
export async function leaks(
  cycles: number,
  every: number,
  tell: (count: Count) => void,
): Promise<{ counts: Count[]; left: string[] }> {
  const story = STORIES.find(({ name }) => name === 'edit a shared segment')
  if (!story?.from || !story.to) throw new Error('the story is gone')
  await using host = await createHost()
  await host.run('sh', ['-ec', story.host ?? ''])
  await host.write('/run/from.yaml', story.from)
  await host.write('/run/to.yaml', story.to)
  const once = async () => {
    for (const args of [
      ['apply', '/run/from.yaml'],
      ['apply', '/run/to.yaml'],
      ['destroy', 'shared'],
    ]) {
      const { exitCode, stderr } = await host.nsctl([...args, '--yes'], { env: { TMPDIR: '/run' } })
      if (exitCode !== 0) throw new Error(`${args.join(' ')}: exit code ${exitCode}: ${stderr}`)
    }
  }
  // What the first call of a tool leaves for good is there before it is counted.
  await once()
  const before = await picture(host)
  const counts = [await count(host, 0)]
  for (let cycle = 1; cycle <= cycles; cycle++) {
    await once()
    if (cycle % every !== 0 && cycle !== cycles) continue
    counts.push(await count(host, cycle))
    tell(counts.at(-1) as Count)
  }
  return { counts, left: difference(before, await picture(host)) }
}

/** Processes and their open files are counted by the shell alone: what it started would be counted along. */
const SCRIPT = `
pids=; for p in /proc/[0-9]*; do p=\${p#/proc/}; [ "$p" = $$ ] || pids="$pids $p"; done
set -- $pids; echo $#
n=0; for p; do for f in /proc/$p/fd/*; do if [ -h "$f" ]; then n=$((n + 1)); fi; done; done; echo $n
{ readlink /proc/[0-9]*/ns/net; grep -o 'net:\\[[0-9]*\\]' /proc/self/mountinfo; } | sort -u | wc -l
wc -l < /proc/self/mountinfo
{ iptables-save; ip6tables-save; } 2>/dev/null | grep -c '^-A' || true
find /run /etc/netns -xdev 2>/dev/null | wc -l
`

async function count(host: Host, cycle: number): Promise<Count> {
  const { stdout } = await host.run('sh', ['-c', SCRIPT])
  const [processes = 0, descriptors = 0, namespaces = 0, mounts = 0, rules = 0, files = 0] = stdout
    .trim()
    .split('\n')
    .map(Number)
  return { cycle, processes, descriptors, namespaces, mounts, rules, files }
}
