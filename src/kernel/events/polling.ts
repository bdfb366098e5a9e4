import { readFileSync } from 'node:fs'
import type { Variant } from '../../model/host/snapshot.ts'
import type { Run } from '../process/run.ts'
import { readHostSysctls, readNamespaceSysctls } from '../read/sysctls.ts'

/** A setting that has a value to be; the namespace `host` is the host. */
export interface WatchedSetting {
  namespace: string
  /** As below /proc/sys. */
  key: string
}

/** What the kernel sends no events for, as one text: two equal ones mean that nothing has changed. */
export async function readUnannounced(
  run: Run,
  settings: readonly WatchedSetting[],
  variant: Variant,
): Promise<string> {
  const keys = new Map<string, string[]>()
  for (const { namespace, key } of settings) keys.set(namespace, [...(keys.get(namespace) ?? []), key])
  const ofHost = readHostSysctls(new Map(), keys.get('host') ?? [])
  keys.delete('host')
  const inside = await readNamespaceSysctls(run, keys, false)
  const rules = variant === 'legacy' ? await readLegacyRules(run) : ''
  return JSON.stringify([ofHost, [...inside], namespaceMounts(), rules])
}

/** A namespace that is unmounted while processes live in it loses nothing but its name. */
function namespaceMounts(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return mounts.flatMap(line => / (\/run\/netns\/\S+) /.exec(line)?.[1] ?? []).sort()
}

/** Legacy's rules without what counts: only the nft variant tells of changes. */
async function readLegacyRules(run: Run): Promise<string> {
  const saved = await Promise.all(
    ['iptables-legacy-save', 'ip6tables-legacy-save'].map(tool =>
      run(tool, []).then(
        ({ stdout }) => stdout,
        () => '',
      ),
    ),
  )
  return saved.join('').replace(/^#.*\n| \[\d+:\d+\]/gm, '')
}
