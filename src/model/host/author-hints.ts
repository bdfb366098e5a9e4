/** What hints at who changed something behind nsctl's back. */
export interface AuthorHints {
  /** Programs that manage a host's network, of those that run: `firewalld`, `dockerd`… */
  managers: string[]
  /** Files that set kernel settings, by key as below /proc/sys: the last that does. */
  settings: Record<string, { file: string; value: string }>
  /** Who last changed rules, where somebody listened: `iptables (pid 812)`. */
  ruleWriter: string | null
}
