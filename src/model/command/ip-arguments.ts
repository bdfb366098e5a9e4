import { familyOf } from '../address.ts'
import { LOCAL_TABLE, MAIN_TABLE } from '../host/rtnetlink.ts'
import type { AddLink, DeleteRule, IpCommand, NewLink, PutAddress, RouteCommand, SetLink } from './ip.ts'

/** Arguments of `ip`, behind the options that say where: as a command is sent, shown and logged. */
export function ipArguments(command: IpCommand): string[] {
  switch (command.op) {
    case 'netns-add':
      return ['netns', 'add', command.name]
    case 'netns-delete':
      return ['netns', 'del', command.name]
    case 'link-add':
      return addLink(command)
    case 'link-set':
      return setLink(command)
    case 'link-delete':
      return ['link', 'del', 'dev', command.dev]
    case 'altname-add':
      return ['link', 'property', 'add', 'dev', command.dev, 'altname', command.altname]
    case 'altname-delete':
      return ['link', 'property', 'del', 'dev', command.dev, 'altname', command.altname]
    case 'address-add':
      return ['addr', 'add', ...address(command)]
    case 'address-replace':
      return ['addr', 'replace', ...address(command)]
    case 'address-delete':
      return ['addr', 'del', command.address, 'dev', command.dev]
    case 'address-flush':
      return ['addr', 'flush', 'dev', command.dev, ...pair('to', command.to), ...pair('scope', command.scope)]
    case 'route-add':
      return ['route', 'add', ...route(command)]
    case 'route-replace':
      return ['route', 'replace', ...route(command)]
    case 'route-delete':
      return ['route', 'del', ...route(command)]
    case 'rule-add':
      return ['rule', 'add', ...rule(command)]
    case 'rule-delete':
      return ['rule', 'del', ...rule(command)]
  }
}

/** An option with its value; nothing where there is none. */
function pair(option: string, value: string | number | null | undefined): string[] {
  return value === undefined || value === null ? [] : [option, String(value)]
}

function addLink(command: AddLink): string[] {
  const own = ['link', 'add', ...newLink(command.link), 'type', command.type]
  if (command.type === 'bridge') return own
  return [...own, 'peer', ...newLink(command.peer), ...pair('netns', command.peer.namespace)]
}

function newLink({ name, index, mac, mtu, group }: NewLink): string[] {
  return [
    ...['name', name],
    ...pair('index', index),
    ...pair('address', mac),
    ...pair('mtu', mtu),
    ...pair('group', group),
  ]
}

function setLink(command: SetLink): string[] {
  const { dev, name, group, alias, mtu, mac, master, addrgenmode, state, hairpin } = command
  return [
    ...['link', 'set', 'dev', dev],
    ...pair('name', name),
    ...pair('group', group),
    ...pair('alias', alias),
    ...pair('mtu', mtu),
    ...pair('address', mac),
    ...(master === null ? ['nomaster'] : pair('master', master)),
    ...pair('addrgenmode', addrgenmode),
    ...(state === undefined ? [] : [state]),
    // What stands behind a type is the type's.
    ...(hairpin ? ['type', 'bridge_slave', 'hairpin', 'on'] : []),
  ]
}

function address({ address, dev, scope, nodad, noprefixroute }: PutAddress): string[] {
  return [
    ...[address, 'dev', dev],
    ...pair('scope', scope),
    ...(nodad ? ['nodad'] : []),
    ...(noprefixroute ? ['noprefixroute'] : []),
  ]
}

function route(command: RouteCommand): string[] {
  const { to, type, via, dev, onlink, table, metric, protocol, source } = command
  const otherFamily = via !== null && familyOf(via) !== familyOf(to)
  return [
    ...(type === 'unicast' ? [] : [type]),
    to,
    ...(via === null ? [] : ['via', ...(otherFamily ? ['inet6'] : []), via]),
    ...pair('dev', dev),
    ...(onlink ? ['onlink'] : []),
    ...(table === tableOf(type) ? [] : ['table', String(table)]),
    ...(metric === 0 ? [] : ['metric', String(metric)]),
    ...['proto', String(protocol)],
    ...pair('src', source),
  ]
}

/** The table that `ip` puts a route into when it is given none. */
function tableOf(type: RouteCommand['type']): number {
  return ['local', 'broadcast', 'anycast'].includes(type) ? LOCAL_TABLE : MAIN_TABLE
}

function rule({ selector = {}, table, priority, protocol = 0 }: Omit<DeleteRule, 'op'>): string[] {
  return [
    ...(selector.not ? ['not'] : []),
    ...pair('from', selector.from),
    ...pair('to', selector.to),
    ...pair('fwmark', selector.fwmark),
    ...pair('iif', selector.iif),
    ...pair('oif', selector.oif),
    ...pair('tos', selector.tos),
    ...pair('lookup', table),
    ...pair('priority', priority),
    ...(protocol === 0 ? [] : ['protocol', String(protocol)]),
  ]
}
