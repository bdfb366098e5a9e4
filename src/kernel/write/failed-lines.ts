/** A line of a tool's input that failed. */
export interface FailedLine {
  /** From 0; null where the tool does not tell which it was. */
  line: number | null
  /** Where the tool read it: a path, or `-`; null where it does not tell. */
  file: string | null
  why: string
}

/** The tools that read many lines, and tell on standard error which of them failed. */
export type LineTool = 'ip' | 'tc' | 'iptables-restore' | 'sysctl'

/** Reads which lines failed off a tool's standard error; `input` is what it read. In their order, at least one. */
export function failedLines(tool: LineTool, stderr: string, input: string): FailedLine[] {
  const failed = READERS[tool](stderr, input)
  return failed.length > 0 ? failed : [{ line: null, file: null, why: stderr.trim() }]
}

const READERS: Record<LineTool, (stderr: string, input: string) => FailedLine[]> = {
  ip: batchLines,
  tc: batchLines,
  'iptables-restore': restoreLines,
  sysctl: sysctlLines,
}

/** The reason, then `Command failed FILE:LINE`; without that where `ip` gives up at an argument, even with -force. */
function batchLines(stderr: string): FailedLine[] {
  const failed: FailedLine[] = []
  const reasons: string[] = []
  for (const text of stderr.split('\n')) {
    const [, file, number] = /^Command failed (\S+):(\d+)$/.exec(text.trim()) ?? []
    if (file !== undefined) failed.push({ line: Number(number) - 1, file, why: reasons.splice(0).join('\n') })
    else if (text.trim() !== '') reasons.push(text.trim())
  }
  return reasons.length === 0 ? failed : [...failed, { line: null, file: null, why: reasons.join('\n') }]
}

/** `line 4 failed`, `line 4 failed: REASON`, `line 4: REASON`, or the reason and then `Error occurred at line: 4`. */
function restoreLines(stderr: string): FailedLine[] {
  const [, number] = /(?:^|: |at )line:? (\d+)/m.exec(stderr) ?? []
  if (number === undefined) return []
  const why = stderr.replace(/^(Error occurred at line|Try `).*$/gm, '').trim()
  return [{ line: Number(number) - 1, file: null, why }]
}

/** A line for each key: `cannot stat /proc/sys/KEY: REASON`, or `setting key "KEY": REASON`. */
function sysctlLines(stderr: string, input: string): FailedLine[] {
  const keys = input.split('\n').map(text => text.slice(0, text.indexOf('=')))
  return stderr.split('\n').flatMap(text => {
    if (text.trim() === '') return []
    const [, path, quoted] = /\/proc\/sys\/(\S+): |key "([^"]+)"/.exec(text) ?? []
    const line = keys.findIndex(key => key === path || key === quoted || dotted(key) === quoted)
    return [{ line: line < 0 ? null : line, file: null, why: text.trim() }]
  })
}

/** `net.ipv4.conf.eth0/5.forwarding`, of net/ipv4/conf/eth0.5/forwarding. */
function dotted(key: string): string {
  return key.replace(/[./]/g, sign => (sign === '/' ? '.' : '/'))
}
