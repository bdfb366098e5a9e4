import { type Check, note, problem } from './finding.ts'

/** Without these something goes on, with less. */
const OPTIONAL: Record<string, string> = {
  nft: 'chains of other nftables tables that drop packets are not seen',
}

export const tools: Check = {
  name: 'tools',
  state: facts =>
    facts.tools.flatMap(({ name, version }) => (version === null ? [] : [`${name} ${version}`])).join(', ') ||
    'none that says its version',
  findings: facts =>
    facts.tools
      .filter(({ path }) => path === null)
      .map(tool => {
        const without = OPTIONAL[tool.name]
        return (without === undefined ? problem : note)(
          'tool-missing',
          tool.name,
          `${tool.name} is not to be found in a directory that only root can write`,
          without ?? 'nsctl refuses to do what it needs it for',
          `apt-get install ${tool.package}`,
        )
      }),
}
