import { describe, expect, test } from 'vitest'
import type { Claim, Snapshot } from '../../../src/model/host/snapshot.ts'
import { notInForce, withClaimsSettled } from '../../../src/planner/claims.ts'
import { planDestroy, planRollback } from '../../../src/planner/plan.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

/** examples/flask.yaml is applied; it claims the forwarding of ens5. */
const APPLIED = snapshotOf('up-to-date')
const FRESH = snapshotOf('.')

const NO_PLAN = planRollback({ topology: 'flask', touches: [] }, new Map(), FRESH)

const forwarding = APPLIED.claims.find(({ key }) => key === 'net/ipv4/conf/ens5/forwarding') as Claim

function withClaims(...claims: Claim[]): Snapshot {
  return { ...APPLIED, claims }
}

describe('claims, once a plan is verified', () => {
  test('are as before where nothing is released', () => {
    expect(withClaimsSettled(NO_PLAN, APPLIED)).toBe(APPLIED)
  })

  test('that the plan releases are held by the others only', () => {
    const shared = { ...forwarding, holders: ['flask', 'web'] }
    const plan = planDestroy('flask', withClaims(shared))
    expect(withClaimsSettled(plan, withClaims(shared)).claims).toEqual([{ ...forwarding, holders: ['web'] }])
    const alone = planDestroy('flask', withClaims(forwarding))
    expect(withClaimsSettled(alone, withClaims(forwarding)).claims).toEqual([])
  })

  test('on what is not there are held no longer', () => {
    const gone: Claim = { ...forwarding, kind: 'address', scope: 'netns1', key: 'veth9/192.0.2.1/24' }
    expect(withClaimsSettled(NO_PLAN, withClaims(forwarding, gone)).claims).toEqual([forwarding])
  })

  test('of another topology are left alone', () => {
    const other: Claim = { ...forwarding, kind: 'address', key: 'veth9/192.0.2.1/24', holders: ['web'] }
    expect(withClaimsSettled(NO_PLAN, withClaims(forwarding, other)).claims).toEqual([forwarding, other])
  })

  test('say which of two values is in force', () => {
    const unsettled = { ...forwarding, set: '0', replaces: '1' }
    expect(withClaimsSettled(NO_PLAN, withClaims(unsettled)).claims).toEqual([forwarding])
  })
})

describe('changes that are not in force', () => {
  const plan = planDestroy('flask', APPLIED)

  test('are all of them, where nothing was done', () => {
    expect(notInForce(plan, APPLIED)).toEqual(plan.changes)
  })

  test('are none on a host that is as it was', () => {
    expect(notInForce(plan, FRESH)).toEqual([])
  })

  test('are told of a value that was not given back, which without its claim would look like anybody’s', () => {
    const { host } = FRESH
    const left = { ...host, sysctls: { ...host.sysctls, [forwarding.key]: '1' } }
    const held = { ...FRESH, host: left, claims: [forwarding] }
    expect(planDestroy('flask', withClaimsSettled(plan, held)).changes).toEqual([])
    expect(notInForce(plan, held).map(({ id }) => id)).toEqual([`sysctl/host/${forwarding.key}`])
  })
})
