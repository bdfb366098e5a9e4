import type { Command } from '../../model/command/command.ts'
import type { Snapshot } from '../../model/host/snapshot.ts'
import type { Batch } from '../../model/plan/plan.ts'
import { batchesOf } from '../steps/batches.ts'
import { addressCommands } from './addresses.ts'
import { firewallCommands } from './firewall.ts'
import { linkCommands, settingCommands, shapingCommands } from './links.ts'
import { routeCommands, ruleCommands } from './routing.ts'
import type { NamedNetwork } from './scope.ts'

/** What makes a fresh host like the one of a snapshot, as far as a snapshot knows it. */
export interface Replay {
  /** One after the other; the batches of one phase do not depend on each other. */
  phases: Batch[][]
  /** What there is no command for, in the operator's words. */
  omitted: string[]
}

/**
 * The commands that build a snapshot's host in an empty one, in which `beyond` is a namespace: there lie the far ends of
 * all that leads out of the snapshot. Interfaces of kinds that cannot be made anywhere, as hardware, become veth ends of
 * the same name and index. Sockets, processes, connections and the claims of /run/nsctl are not part of it.
 */
export function replay(snapshot: Snapshot, beyond: string): Replay {
  const readable = Object.entries(snapshot.namespaces).filter(
    ([, { unreadable }]) => unreadable === undefined,
  )
  const scopes: NamedNetwork[] = [['host', snapshot.host], ...readable]
  const names = scopes.map(([name]) => name)
  const { births, farEnds } = linkCommands(scopes, beyond)
  const routes = scopes.map(scope => routeCommands(scope))
  const rules = scopes.map(scope => ruleCommands(scope))
  const firewall = firewallCommands(snapshot.firewall)
  const parts = [...routes, ...rules, firewall]
  const phases: Command[][] = [
    readable.map(([name]) => ({ tool: 'ip', namespace: 'host', op: 'netns-add', name })),
    births,
    // Sysctls come before what they say how to treat, as addresses of IPv6.
    scopes.flatMap(([namespace, { sysctls }]) => sysctlCommands(namespace, sysctls)),
    [...farEnds, ...scopes.flatMap(scope => settingCommands(scope, snapshot.host.ipv6))],
    [...scopes.flatMap(scope => shapingCommands(scope)), ...scopes.flatMap(scope => addressCommands(scope))],
    routes.flatMap(({ commands }) => commands),
    [...rules.flatMap(({ commands }) => commands), ...firewall.commands, ...fileCommands(snapshot.etcNetns)],
  ]
  return {
    phases: phases.map(commands => batchesOf(commands)),
    omitted: [
      ...Object.entries(snapshot.namespaces).flatMap(([name, { unreadable }]) =>
        names.includes(name) ? [] : [`namespace ${name}: ${unreadable}`],
      ),
      ...parts.flatMap(({ omitted }) => omitted),
    ],
  }
}

/** The wide ones first: they overwrite the narrow. */
const WIDTH = [/^net\/ipv4\/ip_forward$/, /\/conf\/all\//, /\/conf\/default\//, /^/]

function sysctlCommands(namespace: string, sysctls: Record<string, string>): Command[] {
  const rank = (key: string) => WIDTH.findIndex(pattern => pattern.test(key))
  return Object.entries(sysctls)
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([key, value]) => ({ tool: 'sysctl', namespace, key, value }))
}

function fileCommands(etcNetns: Snapshot['etcNetns']): Command[] {
  return Object.entries(etcNetns).map(([key, content]) => {
    const path = `/etc/netns/${key === '/' ? '' : key}`
    return content === null ? { tool: 'mkdir', path } : { tool: 'write', path, content }
  })
}
