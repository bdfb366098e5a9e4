import { describe, expect, test } from 'vitest'
import { parseRule } from '../../../src/firewall/codec/rule.ts'
import { audienceOf, nameOfChain, ownChain, ROLES, type RoleName } from '../../../src/firewall/roles.ts'

const BRANCHES: Partial<Record<RoleName, string>> = {
  sourceNatTree: '0A1B2',
  forwardingTree: 'ZZZZZ',
  unrestrictedTree: '3F',
  restrictedOutsideTree: 'A',
  restrictedInsideTree: '0123',
}

describe('a chain', () => {
  test.each(Object.keys(ROLES) as RoleName[])('is known by its name: %s', role => {
    const branch = BRANCHES[role] ?? ''
    const name = nameOfChain('web-2', role, branch)
    const { stage, place, audience } = ROLES[role]
    expect(ownChain(name)).toEqual({ topology: 'web-2', role, branch, stage, place, audience })
    // iptables takes no longer names.
    expect(nameOfChain('a'.repeat(15), role, branch).length).toBeLessThanOrEqual(28)
  })

  test('of another version of nsctl is written like a guard', () => {
    expect(ownChain('NSCTL-web-NEW')).toMatchObject({ topology: 'web', role: null, stage: 'guard' })
    expect(ownChain('NSCTL-web-E')).toMatchObject({ role: null })
  })

  test('of others is none', () => {
    for (const name of ['DOCKER', 'NSCTL-USER', 'NSCTL-web', 'NSCTL-Web-FWD', 'NSCTL-web-fwd', ''])
      expect(ownChain(name)).toBeNull()
  })
})

test('published ports are for everybody, unless those that are not restricted stand elsewhere', () => {
  const dnat = parseRule('-p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80')
  const branch = parseRule('-p tcp -m tcp --dport 0:4095 -j NSCTL-web-D0')
  expect(audienceOf('NSCTL-web-DST', [dnat, branch])).toBe('everybody')
  expect(audienceOf('NSCTL-web-DST', [dnat, parseRule('-j NSCTL-web-OPN')])).toBe('inside')
  expect(audienceOf('NSCTL-web-L3F', [dnat])).toBe('inside')
  expect(audienceOf('NSCTL-web-EXT', [dnat, parseRule('-j NSCTL-web-OPN')])).toBe('outside')
  expect(audienceOf('FORWARD', [])).toBe('everybody')
})
