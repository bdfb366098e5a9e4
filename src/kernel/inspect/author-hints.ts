import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthorHints } from '../../model/host/author-hints.ts'

const MANAGERS = new Set([
  ...['NetworkManager', 'systemd-networkd', 'dhcpcd', 'connmand'],
  ...['firewalld', 'ufw', 'dockerd', 'containerd', 'kube-proxy', 'kubelet', 'libvirtd', 'tailscaled'],
])
/** The kernel keeps no more of a process's name: `systemd-networkd` is one longer. */
const LONGEST_NAME = 15
/** As sysctl --system goes through them: a name in an earlier one hides it in the later ones. */
const DIRECTORIES = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
]
const LARGEST = 65_536

/** What on this host hints at who changed something; what cannot be read hints at nobody. */
export function readAuthorHints(): AuthorHints {
  return { managers: programsRunning(), settings: declaredSettings(), ruleWriter: null }
}

function programsRunning(): string[] {
  const names = entriesOf('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .map(pid => textOf(`/proc/${pid}/comm`).trim())
  const running = new Set(names)
  return [...MANAGERS].filter(name => running.has(name.slice(0, LONGEST_NAME))).sort()
}

function declaredSettings(): AuthorHints['settings'] {
  const files = new Map<string, string>()
  for (const directory of DIRECTORIES) {
    for (const name of entriesOf(directory)) {
      if (name.endsWith('.conf') && !files.has(name)) files.set(name, join(directory, name))
    }
  }
  const inOrder = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
  const found: AuthorHints['settings'] = {}
  for (const file of [...inOrder, '/etc/sysctl.conf']) {
    for (const line of textOf(file).split('\n')) {
      const [, key, value] = /^\s*-?\s*(net[./][^\s=]+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? []
      if (key !== undefined && value !== undefined) found[slashed(key)] = { file, value }
    }
  }
  return found
}

/** `net.ipv4.conf.ens5/100.forwarding` is interface ens5.100: whichever comes first is the separator. */
function slashed(key: string): string {
  const isDotted = /^[^./]*\./.test(key)
  return isDotted ? key.replace(/[./]/g, found => (found === '.' ? '/' : '.')) : key
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, LARGEST)
  } catch {
    return ''
  }
}
