import { hasKernelsLinkLocal } from '../../kinds/link/link-local.ts'
import { qdisc } from '../../kinds/network/qdisc.ts'
import type { Command } from '../../model/command/command.ts'
import type { NewLink } from '../../model/command/ip.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import type { Link } from '../../model/host/snapshot.ts'
import type { NamedNetwork } from './scope.ts'

/** Links are born down, without a master, with the index that rules may know them by; the far ends beyond are put up. */
export function linkCommands(
  scopes: NamedNetwork[],
  beyond: string,
): { births: Command[]; farEnds: Command[] } {
  const farEnds: Command[] = []
  const farEnd = () => {
    const dev = `far${farEnds.length}`
    farEnds.push({ tool: 'ip', namespace: beyond, op: 'link-set', dev, state: 'up' })
    return { name: dev, namespace: beyond }
  }
  const births = scopes.flatMap(([namespace, { links }]) =>
    links
      .filter(link => link.name !== 'lo')
      .flatMap((link): Command[] => {
        const own = { tool: 'ip', namespace, op: 'link-add', link: birth(link) } as const
        if (link.kind === 'bridge') return [{ ...own, type: 'bridge' }]
        const peer = peerIn(scopes, link)
        if (peer !== null && !isFirst(scopes, namespace, link)) return []
        const elsewhere = peer === null || peer.namespace === namespace ? {} : { namespace: peer.namespace }
        return [{ ...own, type: 'veth', peer: peer ? { ...birth(peer.link), ...elsewhere } : farEnd() }]
      }),
  )
  return { births, farEnds }
}

/** What can only be said of a link that is there: ports before the MTU of their bridge, which follows them. */
export function settingCommands([namespace, { links }]: NamedNetwork, ipv6: boolean): Command[] {
  const isBridge = ({ kind }: Link) => kind === 'bridge'
  const others = links.filter(link => !isBridge(link))
  return [...others, ...links.filter(isBridge)].flatMap(link => settings(namespace, links, link, ipv6))
}

function settings(namespace: string, links: Link[], link: Link, ipv6: boolean): Command[] {
  const { name, altnames = [], alias, group, mtu, master, up } = link
  const own = { tool: 'ip', namespace, op: 'link-set', dev: name } as const
  const bridge = master === null ? undefined : linkNamed(links, master)
  const port = bridge?.kind === 'bridge'
  // What is up without the link-local address that the kernel gives was told to have none of it.
  const silent = ipv6 && up && name !== 'lo' && !hasKernelsLinkLocal(link)
  return [
    ...(silent ? [{ ...own, addrgenmode: 'none' as const }] : []),
    {
      ...{ ...own, group, mtu },
      ...(alias === null ? {} : { alias }),
      ...(port ? { master: bridge.name } : {}),
      ...(up ? { state: 'up' } : {}),
    },
    ...altnames.map(altname => ({
      tool: 'ip' as const,
      namespace,
      op: 'altname-add' as const,
      dev: name,
      altname,
    })),
    ...(port && link.hairpin ? [{ ...own, hairpin: true as const }] : []),
  ]
}

/** What a link may send; the snapshot knows the rate, and the rest is as nsctl sets it. */
export function shapingCommands([namespace, { links }]: NamedNetwork): Command[] {
  return links.flatMap(link => shaping(namespace, link))
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

function birth({ name, index, mac, mtu, group }: Link): NewLink {
  return { name, index, mtu, group, ...(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? { mac } : {}) }
}

/** The other end of a veth pair, where it lies in the snapshot. */
function peerIn(scopes: NamedNetwork[], { kind, peer }: Link): { namespace: string; link: Link } | null {
  if (kind !== 'veth' || !peer || peer.namespace === null || peer.interface === null) return null
  const [namespace, state] = scopes.find(([name]) => name === peer.namespace) ?? []
  const link = state && linkNamed(state.links, peer.interface)
  return namespace !== undefined && link ? { namespace, link } : null
}

/** Whether a pair is made at this end: `ip -n` cannot reach from a namespace back to the host. */
function isFirst(scopes: NamedNetwork[], namespace: string, link: Link): boolean {
  const rank = (name: string | null | undefined) => scopes.findIndex(([scope]) => scope === name)
  const [own, other] = [rank(namespace), rank(link.peer?.namespace)]
  return own < other || (own === other && link.name < (link.peer?.interface ?? ''))
}
