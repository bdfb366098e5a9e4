import { listOf } from '../../model/text/phrases.ts'
import type { Namespace } from '../../model/topology.ts'
import type { Draft } from '../parse/draft.ts'
import type { Namespace as NamespaceText } from '../parse/file.ts'
import { didYouMean } from '../parse/nearest.ts'

/**
 * Keys below /proc/sys/net that a namespace of its own does not have, or cannot write: found by comparing a fresh
 * namespace with the host, Linux 6.18.
 */
const SHARED = [
  // Of net/core only these are a namespace's own.
  /^core\/(?!(somaxconn|optmem_max|txrehash|tstamp_allow_data|rps_default_mask|xfrm_\w+)$)/,
  /^ipv4\/(tcp_mem|udp_mem|tcp_max_orphans|tcp_low_latency|tcp_available_\w+|tcp_allowed_congestion_control)$/,
  /^ipv4\/(tcp_ehash_entries|udp_hash_entries|fib_sync_mem|inet_peer_\w+|ipfrag_secret_interval|cipso_\w+)$/,
  /^ipv4\/route\/(error_\w+|gc_\w+|max_size|redirect_\w+)$/,
  /^ipv6\/(calipso_\w+|ip6frag_secret_interval|mld_max_msf|mld_qrv)$/,
  /^netfilter\/(nf_log_all_netns|nf_conntrack_buckets|nf_conntrack_count|nf_conntrack_expect_max|nf_conntrack_max)$/,
  /^mptcp\/available_\w+$/,
  /^nf_conntrack_max$/,
]

/** Keys that follow from other parts of the file. */
const MANAGED: [RegExp, string][] = [
  [/^ipv6\/conf\/[^/]+\/mtu$/, 'give the veth or its subnet an mtu instead'],
  [/^ipv[46]\/route\/flush$/, 'it is an action, not a setting'],
]

const CONF = /^ipv[46]\/(?:conf|neigh)\/([^/]+)\/[a-z0-9_]+$/

export function readSysctls(
  name: string,
  text: NamespaceText,
  interfaces: string[],
  draft: Draft,
): Namespace['sysctls'] {
  const sysctls: Namespace['sysctls'] = []
  const seen = new Map<string, string>()
  for (const [written, value] of Object.entries(text.sysctls ?? {})) {
    const at = { path: ['namespaces', name, 'sysctls', written], key: true }
    const key = normalise(written)
    if (!key) {
      draft.report.error(
        'invalid-sysctl',
        at,
        'expected a key such as net.ipv4.ip_forward or net/ipv4/ip_forward',
      )
      continue
    }
    const why = whyNot(key)
    if (why) draft.report.error(why.code, at, ...why.notes)
    else checkInterface(key, interfaces, text.adopt === true, at, draft)
    const twin = seen.get(key)
    if (twin !== undefined)
      draft.report.error('duplicate-key', at, `the same key as ${twin}`, 'remove one of the two')
    seen.set(key, written)
    sysctls.push({ key, value: String(value), source: draft.report.sourceOf(at) })
  }
  return sysctls
}

/**
 * As sysctl(8): the first separator decides, and with dots a slash stands for a dot within a name, as in
 * `net.ipv4.conf.eth0/100.forwarding`. Null for what could leave /proc/sys.
 */
function normalise(written: string): string | null {
  const separator = /[./]/.exec(written)?.[0]
  const swapped = separator === '.' ? written.replace(/[./]/g, found => (found === '.' ? '/' : '.')) : written
  const steps = swapped.split('/')
  const fine = steps.length > 1 && steps.every(step => /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(step))
  return fine ? swapped : null
}

function whyNot(
  key: string,
): { code: 'sysctl-not-net' | 'sysctl-not-per-namespace' | 'sysctl-managed'; notes: string[] } | null {
  if (!key.startsWith('net/'))
    return { code: 'sysctl-not-net', notes: ['only keys that begin with net. belong to a network namespace'] }
  const rest = key.slice('net/'.length)
  if (SHARED.some(pattern => pattern.test(rest))) {
    return {
      code: 'sysctl-not-per-namespace',
      notes: [
        'it is one value for the whole host, or cannot be written in a namespace',
        'set it on the host, for example in /etc/sysctl.d',
      ],
    }
  }
  const managed = MANAGED.find(([pattern]) => pattern.test(rest))
  return managed ? { code: 'sysctl-managed', notes: [managed[1]] } : null
}

function checkInterface(
  key: string,
  interfaces: string[],
  adopted: boolean,
  at: { path: string[]; key: boolean },
  { report, incomplete }: Draft,
): void {
  const name = CONF.exec(key.slice('net/'.length))?.[1]
  if (name === undefined || ['all', 'default', 'lo', ...interfaces].includes(name)) return
  // An adopted namespace may hold interfaces that the file does not know.
  if (adopted || incomplete.has('veths')) return
  report.error(
    'unknown-interface',
    at,
    ...didYouMean(name, interfaces),
    `interfaces here: ${listOf(['lo', ...interfaces])}`,
  )
}
