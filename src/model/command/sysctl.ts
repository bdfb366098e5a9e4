/** Sets a kernel setting, in the namespace named; `host` is the host. */
export interface SysctlCommand {
  tool: 'sysctl'
  namespace: string
  /** With `/` as separator, as below /proc/sys. */
  key: string
  value: string
}

/** The tool that reads settings of one place from its standard input. */
export function sysctlVector(namespace: string): [tool: string, ...args: string[]] {
  const settings: [string, ...string[]] = ['sysctl', '-q', '-p', '-']
  return namespace === 'host' ? settings : ['ip', 'netns', 'exec', namespace, ...settings]
}

export function sysctlInput(commands: SysctlCommand[]): string {
  return commands.map(({ key, value }) => `${key}=${value}\n`).join('')
}
