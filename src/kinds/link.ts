import { linkNamed } from '../model/named.ts'
import { groupOf, readMark } from '../model/ownership.ts'
import type { Link } from '../model/snapshot.ts'
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
 * Arguments of `ip`, a command each, that bring a link from what it was to its settings. They are idempotent, and few
 * commands are few chances to be interrupted between two.
 *
 * @param more arguments for the command that sets most of it
 */
export function linkSettings(
  name: string,
  { mark, group, state, mtu, mac, linkLocal }: LinkSettings,
  was: LinkSettings | undefined,
  more: string[] = [],
): string[][] {
  const [before, after] = linkLocalCommands(
    name,
    linkLocal,
    was && (was.linkLocal ?? ['of the kernel']),
    was?.state === 'down',
  )
  return [
    ...widening(name, was?.mtu, mtu),
    ...before,
    [
      ...['link', 'set', 'dev', name, 'group', String(group), 'alias', mark ?? ''],
      ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
      ...(mac === undefined ? [] : ['address', mac]),
      ...more,
      state,
    ],
    ...after,
  ]
}

/** The MTU comes before what needs IPv6 on the link. */
function widening(dev: string, was: number | undefined, mtu: number | undefined): string[][] {
  return mtu !== undefined && !carriesIpv6(was) && carriesIpv6(mtu)
    ? [['link', 'set', 'dev', dev, 'mtu', String(mtu)]]
    : []
}

/** An attribute in a difference: what is empty, or not there, is `none`. */
export function shown(value: string | number | boolean | string[] | null | undefined): string {
  const text = String(value ?? '')
  return text === '' ? 'none' : text
}
