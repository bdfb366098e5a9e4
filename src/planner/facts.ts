import { observedState } from '../kinds/all.ts'
import { routeId } from '../kinds/route.ts'
import { linkNamed } from '../model/named.ts'
import type { Finding, Plan } from '../model/plan.ts'
import type { Attributes, Resource, State } from '../model/resource.ts'
import type { Fact, Facts } from '../model/saved-plan.ts'
import type { Claim, Snapshot } from '../model/snapshot.ts'
import type { Topology } from '../model/topology.ts'
import { wantedOn } from './wanted.ts'

const NOTHING = { resolved: null, desired: new Map() as State }

/**
 * What of the live host a plan rests on: every live object of the topology, what others have where it wants something,
 * its uplinks, and what was found in its way. `declared` is null for a plan to destroy.
 */
export function factsOf(plan: Plan, declared: Topology | null, snapshot: Snapshot): Facts {
  const { resolved, desired: wanted } = declared ? wantedOn(snapshot, declared) : NOTHING
  const shared = sharedClaims(plan.topology, snapshot)
  // A value that this topology holds as well is its own.
  const set = new Map([...shared].filter(([, { holders }]) => !holders.includes(plan.topology)))
  const going = new Set(
    plan.changes.filter(({ after, action }) => !after || action === 'replace').map(({ id }) => id),
  )
  const resources = [...observedState(snapshot, plan.topology).values()]
    .filter(({ id, owned }) => owned || wanted.has(id))
    // Of a rule that others put there is nothing to be seen once they take it away.
    .filter(({ id, kind, owned }) => owned || kind !== 'rule' || !shared.has(id))
  const facts = [
    ...resources.map(resource => factOf(resource, set.get(resource.id), going)),
    ...(resolved?.uplinks ?? []).map(name => uplinkFact(name, snapshot)),
    ...plan.findings.map(findingFact),
  ]
  return {
    facts: facts.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    shared: [...shared.keys()].sort(),
  }
}

function factOf(resource: Resource, claim: Claim | undefined, going: Set<string>): Fact {
  const { id, owned, kind } = resource
  // What others hold with it, and what it goes back to, is theirs; who lives in a namespace matters when it goes.
  const { others: _, giveBack: __, processes, strangers: ___, ...attributes } = resource.attributes
  return {
    id,
    attributes: {
      owned,
      ...(claim ? asIfAlone(attributes, claim) : attributes),
      ...(kind === 'namespace' && going.has(id) ? { processes: commandsOf(processes) } : {}),
    },
  }
}

/** A value that another topology has set as this one would counts as it was before: it comes and goes with that one. */
function asIfAlone(attributes: Attributes, { before, set }: Claim): Attributes {
  return 'value' in attributes && attributes.value === set && before !== null
    ? { ...attributes, value: before }
    : attributes
}

/** Without their pids: the same service after a restart is no other. */
function commandsOf(processes: Attributes[string] | undefined): string[] {
  return [...new Set(((processes as string[] | undefined) ?? []).map(withoutPid))].sort()
}

export function withoutPid(text: string): string {
  return text.replace(/ \(pid \d+\)/g, '')
}

function uplinkFact(name: string, { host }: Snapshot): Fact {
  const link = linkNamed(host.links, name)
  return { id: `uplink/${name}`, attributes: { exists: link !== undefined, master: link?.master ?? null } }
}

function findingFact({ code, subject, summary, notes, severity, accepted }: Finding): Fact {
  const told = [summary, ...notes].map(withoutPid)
  return {
    id: `finding/${code}/${subject}`,
    attributes: { severity, accepted: accepted ?? false, told },
  }
}

/** Claims that other topologies hold, by the id of what they are on. */
function sharedClaims(topology: string, { claims }: Snapshot): Map<string, Claim> {
  const others = claims.filter(({ holders }) => holders.some(holder => holder !== topology))
  return new Map(others.map(claim => [claimedId(claim), claim]))
}

function claimedId({ kind, scope, key }: Claim): string {
  if (kind === 'rule') return key
  if (kind !== 'route') return `${kind}/${scope}/${key}`
  const [, to = '', table, metric] = /^(.+)\/(\d+)\/(\d+)$/.exec(key) ?? []
  return routeId(scope, { to, table: Number(table), metric: Number(metric) })
}
