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

/** What nobody tells of, as one text: two equal ones mean that nothing has changed. Rules only of the variants asked for. */
export async function readUnannounced(
  run: Run,
  settings: readonly WatchedSetting[],
  variants: readonly Variant[],
): Promise<string> {
  const keys = new Map<string, string[]>()
  for (const { namespace, key } of settings) keys.set(namespace, [...(keys.get(namespace) ?? []), key])
  const ofHost = readHostSysctls(new Map(), keys.get('host') ?? [])
  keys.delete('host')
  const inside = await readNamespaceSysctls(run, keys, false)
  const rules = await readRules(run, variants)
  return JSON.stringify([ofHost, [...inside], namespaceMounts(), rules])
}

/** A namespace that is unmounted while processes live in it loses nothing but its name. */
function namespaceMounts(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return mounts.flatMap(line => / (\/run\/netns\/\S+) /.exec(line)?.[1] ?? []).sort()
}

/** Rules without what counts. */
async function readRules(run: Run, variants: readonly Variant[]): Promise<string> {
  const tools = variants.flatMap(variant => [`iptables-${variant}-save`, `ip6tables-${variant}-save`])
  const saved = await Promise.all(
    tools.map(tool =>
      run(tool, []).then(
        ({ stdout }) => stdout,
        () => '',
      ),
    ),
  )
  return saved.join('').replace(/^#.*\n| \[\d+:\d+\]/gm, '')
}
