import type { IpCommand, SetLink } from '../../model/command/ip.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { Link } from '../../model/host/snapshot.ts'
import { groupOf, readMark } from '../../model/ownership.ts'
import { carriesIpv6, linkLocalCommands } from './link-local.ts'

/** Whether a link bears the topology's alias, or was born into its group. */
export function ownsLink(topology: string, link: Link): boolean {
  const mark = readMark(link.alias)
  return mark ? mark.topology === topology : link.group === groupOf(topology)
}

/** Whether a link bears just these marks, none included; one that is not there has nothing to show for it. */
export function bearsMarks(
  { mark, group }: Pick<LinkSettings, 'mark' | 'group'>,
  links: readonly Link[] | undefined,
  name: string,
): boolean {
  const link = linkNamed(links ?? [], name)
  return !link || (link.alias === mark && link.group === group)
}

/** What nsctl sets on every link of its own. */
export type LinkSettings = {
  mark: string | null
  group: number
  state: 'up' | 'down'
  /** Absent where the author did not choose, and on adopted pairs. */
  mtu?: number
  mac?: string
  /** Its IPv6 link-local addresses, where they are nsctl's choice; empty: it is to have none. */
  linkLocal?: string[]
}

/**
 * Commands that bring a link from what it was to its settings. They are idempotent, and few commands are few chances to
 * be interrupted between two.
 */
export function linkSettings(
  at: LinkName,
  { mark, group, state, mtu, mac, linkLocal }: LinkSettings,
  was: LinkSettings | undefined,
  port: Pick<SetLink, 'master'> = {},
): IpCommand[] {
  const [before, after] = linkLocalCommands(
    at,
    linkLocal,
    was && (was.linkLocal ?? ['of the kernel']),
    was?.state === 'down',
  )
  return [
    ...widening(at, was?.mtu, mtu),
    ...before,
    {
      ...{ tool: 'ip', ...at, op: 'link-set', group, alias: mark ?? '', ...port, state },
      ...(mtu === undefined ? {} : { mtu }),
      ...(mac === undefined ? {} : { mac }),
    },
    ...after,
  ]
}

interface LinkName {
  namespace: string
  dev: string
}

/** The MTU comes before what needs IPv6 on the link. */
function widening(at: LinkName, was: number | undefined, mtu: number | undefined): IpCommand[] {
  return mtu !== undefined && !carriesIpv6(was) && carriesIpv6(mtu)
    ? [{ tool: 'ip', ...at, op: 'link-set', mtu }]
    : []
}

/** An attribute in a difference: what is empty, or not there, is `none`. */
export function shown(value: string | number | boolean | string[] | null | undefined): string {
  const text = String(value ?? '')
  return text === '' ? 'none' : text
}
