import { KINDS, observedState } from '../../kinds/all.ts'
import { type Kinds, kindOf } from '../../kinds/kind.ts'
import { claimOn } from '../../kinds/settings/claim.ts'
import { linkNamed } from '../../model/host/by-name.ts'
import { withoutPid } from '../../model/host/process.ts'
import type { Claim, Snapshot } from '../../model/host/snapshot.ts'
import type { Finding, Plan } from '../../model/plan/plan.ts'
import { type Attributes, type Resource, type State, withoutAttributes } from '../../model/plan/resource.ts'
import type { Fact, PlanFacts } from '../../model/plan/saved-plan.ts'
import type { Topology } from '../../model/topology.ts'
import { desiredOn } from '../desired.ts'

const NOTHING = { resolved: null, desired: new Map() as State }

/**
 * What of the live host a plan rests on: every live object of the topology, what others have where it wants something,
 * its uplinks, and what was found in its way. `declared` is null for a plan to destroy.
 */
export function factsOf(
  plan: Plan,
  declared: Topology | null,
  snapshot: Snapshot,
  kinds: Kinds = KINDS,
): PlanFacts {
  const { topology } = plan
  const { resolved, desired } = declared ? desiredOn(snapshot, declared, kinds) : NOTHING
  const observed = [...observedState(snapshot, topology, kinds).values()].filter(
    ({ id, owned }) => owned || desired.has(id),
  )
  const shared = sharedClaims([...observed, ...desired.values()], topology, snapshot, kinds)
  // A value that this topology holds as well is its own.
  const foreign = new Map([...shared].filter(([, { holders }]) => !holders.includes(topology)))
  const going = new Set(
    plan.changes.filter(({ after, action }) => !after || action === 'replace').map(({ id }) => id),
  )
  const facts = [
    ...observed.flatMap(resource => factOf(resource, foreign.get(resource.id), going, kinds)),
    ...(resolved?.uplinks ?? []).map(name => uplinkFact(name, snapshot)),
    ...plan.findings.map(findingFact),
  ]
  return {
    facts: facts.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    shared: [...shared.keys()].sort(),
  }
}

/** @param claim by which only other topologies hold it */
function factOf(
  { id, kind: name, owned, attributes }: Resource,
  claim: Claim | undefined,
  going: Set<string>,
  kinds: Kinds,
): Fact[] {
  const { observedOnly = [], claims, deletion } = kindOf(name, kinds)
  // What others put there is not to be seen once they take it away.
  if (claim && !owned && !claims?.value) return []
  const lasting = withoutAttributes(attributes, observedOnly)
  return [
    {
      id,
      attributes: {
        owned,
        ...(claim ? asIfAlone(lasting, claim) : lasting),
        ...(going.has(id) ? deletion?.facts(attributes) : {}),
      },
    },
  ]
}

/** A value that another topology has set as this one would counts as it was before: it comes and goes with that one. */
function asIfAlone(attributes: Attributes, { before, set }: Claim): Attributes {
  return 'value' in attributes && attributes.value === set && before !== null
    ? { ...attributes, value: before }
    : attributes
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
function sharedClaims(
  resources: Resource[],
  topology: string,
  snapshot: Snapshot,
  kinds: Kinds,
): Map<string, Claim> {
  return new Map(
    resources.flatMap(resource => {
      const { claims } = kindOf(resource.kind, kinds)
      const held = claims?.shared ? claims.of(resource) : []
      return held.flatMap((claimed): [string, Claim][] => {
        const claim = claimOn(snapshot, claimed)
        const others = claim?.holders.some(holder => holder !== topology)
        return claim && others ? [[resource.id, claim]] : []
      })
    }),
  )
}
