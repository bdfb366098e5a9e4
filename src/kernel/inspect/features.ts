import type { Features } from '../../model/host/facts.ts'
import type { Run } from '../process/run.ts'

/** What is tried in a namespace of its own that ends with each try: nothing of it touches the host. */
const LINKS: [string, string, string[]][] = [
  ['veth', 'ip', ['link', 'add', 'nsctl0', 'type', 'veth', 'peer', 'name', 'nsctl1']],
  ['bridge', 'ip', ['link', 'add', 'nsctl0', 'type', 'bridge']],
  [
    'tbf',
    'tc',
    ['qdisc', 'add', 'dev', 'lo', 'root', 'tbf', 'rate', '1mbit', 'burst', '70000b', 'latency', '50ms'],
  ],
]

const RULES: [string, string, string][] = [
  ['devgroup', 'mangle', '-A FORWARD -m devgroup --src-group 0x1 -j DROP'],
  ['conntrack', 'filter', '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  ['addrtype', 'nat', '-A PREROUTING -m addrtype --dst-type LOCAL -j RETURN'],
  ['rpfilter', 'raw', '-A PREROUTING -m rpfilter --invert -j DROP'],
  ['comment', 'filter', '-A FORWARD -m comment --comment nsctl:x -j ACCEPT'],
  ['MASQUERADE', 'nat', '-A POSTROUTING -j MASQUERADE'],
  ['DNAT', 'nat', '-A PREROUTING -p tcp -m tcp --dport 1 -j DNAT --to-destination 192.0.2.1:1'],
  ['TCPMSS', 'mangle', '-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'],
]

/** Tries what topologies need; `variant` is that of iptables. Modules that are missing are loaded by that. */
export async function readFeatures(
  run: Run,
  { variant, root }: { variant: 'nft' | 'legacy' | null; root: boolean },
): Promise<Features> {
  const apart = root ? ['--net', '--mount'] : ['--user', '--map-root-user', '--net', '--mount']
  const attempt = async (command: string[], input = ''): Promise<string | null> => {
    try {
      await run('unshare', [...apart, '--', ...command], { input })
      return null
    } catch (error) {
      const text = (error as { stderr?: string }).stderr ?? ''
      return text.trim().split('\n')[0] || (error as Error).message
    }
  }
  const namespace = await attempt(['true'])
  if (namespace !== null) return { namespace, missing: [], present: [] }
  const found: [string, string | null][] = []
  for (const [name, tool, args] of LINKS) found.push([name, await attempt([tool, ...args])])
  // Legacy would take its lock in the host's /run, which is the same file in a mount namespace.
  if (variant === 'nft') {
    const restore = ['iptables-nft-restore', '--noflush']
    const text = (rules: typeof RULES) =>
      rules.map(([, table, rule]) => `*${table}\n${rule}\nCOMMIT\n`).join('')
    if ((await attempt(restore, text(RULES))) === null)
      found.push(...RULES.map(([name]): [string, null] => [name, null]))
    else for (const rule of RULES) found.push([rule[0], await attempt(restore, text([rule]))])
  }
  return {
    namespace: null,
    missing: found.flatMap(([name, why]) => (why === null ? [] : [{ name, why }])),
    present: found.flatMap(([name, why]) => (why === null ? [name] : [])),
  }
}
