import { hasKernelsLinkLocal } from '../../kinds/link-local.ts'
import { qdisc } from '../../kinds/qdisc.ts'
import { linkNamed } from '../../model/named.ts'
import type { Command } from '../../model/plan.ts'
import type { Link } from '../../model/snapshot.ts'
import type { Scope } from './scope.ts'

/** Links are born down, without a master, with the index that rules may know them by. */
export function linkCommands(scopes: Scope[], beyond: string): Command[] {
  let far = 0
  return scopes
    .flatMap(([namespace, { links }]) =>
      links
        .filter(link => link.name !== 'lo')
        .flatMap((link): Command[] => {
          const peer = peerIn(scopes, link)
          if (peer !== null && !isFirst(scopes, namespace, link)) return []
          if (link.kind === 'bridge')
            return [ip(namespace, ['link', 'add', ...birth(link), 'type', 'bridge'])]
          const other = peer
            ? [
                'peer',
                ...birth(peer.link),
                ...(peer.namespace === namespace ? [] : ['netns', peer.namespace]),
              ]
            : ['peer', 'name', `far${far++}`, 'netns', beyond]
          return [ip(namespace, ['link', 'add', ...birth(link), 'type', 'veth', ...other])]
        }),
    )
    .concat(Array.from({ length: far }, (_, i) => ip(beyond, ['link', 'set', 'dev', `far${i}`, 'up'])))
}

/** What can only be said of a link that is there: ports before the MTU of their bridge, which follows them. */
export function settingCommands([namespace, { links }]: Scope, ipv6: boolean): Command[] {
  const isBridge = ({ kind }: Link) => kind === 'bridge'
  const others = links.filter(link => !isBridge(link))
  return [
    ...others.flatMap(link => settings(links, link, ipv6)),
    ...links.filter(isBridge).flatMap(link => settings(links, link, ipv6)),
  ]
    .map(args => ip(namespace, args))
    .concat(links.flatMap(link => shaping(namespace, link)))
}

function settings(links: Link[], link: Link, ipv6: boolean): string[][] {
  const { name, alias, group, mtu, master, up } = link
  const bridge = master === null ? undefined : linkNamed(links, master)
  const port = bridge?.kind === 'bridge'
  // What is up without the link-local address that the kernel gives was told to have none of it.
  const silent = ipv6 && up && name !== 'lo' && !hasKernelsLinkLocal(link)
  return [
    ...(silent ? [['link', 'set', 'dev', name, 'addrgenmode', 'none']] : []),
    [
      ...['link', 'set', 'dev', name, 'group', String(group), 'mtu', String(mtu)],
      ...(alias === null ? [] : ['alias', alias]),
      ...(port ? ['master', bridge.name] : []),
      ...(up ? ['up'] : []),
    ],
    ...(port && link.hairpin ? [['link', 'set', 'dev', name, 'type', 'bridge_slave', 'hairpin', 'on']] : []),
  ]
}

function shaping(namespace: string, { name: dev, qdisc: root }: Link): Command[] {
  if (root?.kind !== 'tbf' || root.rate === null) return []
  const attributes = { namespace, dev, rate: root.rate }
  return qdisc
    .create({
      kind: 'qdisc',
      id: '',
      scope: namespace,
      attributes,
      owned: true,
      within: [],
      reason: null,
      source: null,
    })
    .map(({ command }) => command)
}

function birth({ name, index, mac, mtu, group }: Link): string[] {
  return [
    ...['name', name, 'index', String(index), 'mtu', String(mtu), 'group', String(group)],
    ...(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? ['address', mac] : []),
  ]
}

/** The other end of a veth pair, where it lies in the snapshot. */
function peerIn(scopes: Scope[], { kind, peer }: Link): { namespace: string; link: Link } | null {
  if (kind !== 'veth' || !peer || peer.namespace === null || peer.interface === null) return null
  const [namespace, state] = scopes.find(([name]) => name === peer.namespace) ?? []
  const link = state && linkNamed(state.links, peer.interface)
  return namespace !== undefined && link ? { namespace, link } : null
}

/** Whether a pair is made at this end: `ip -n` cannot reach from a namespace back to the host. */
function isFirst(scopes: Scope[], namespace: string, link: Link): boolean {
  const rank = (name: string | null | undefined) => scopes.findIndex(([scope]) => scope === name)
  const [own, other] = [rank(namespace), rank(link.peer?.namespace)]
  return own < other || (own === other && link.name < (link.peer?.interface ?? ''))
}

function ip(namespace: string, args: string[]): Command {
  return { tool: 'ip', namespace, args }
}
