import { describe, expect, test } from 'vitest'
import type { AuthorHints } from '../../../src/model/host/author-hints.ts'
import type { Change } from '../../../src/model/plan/plan.ts'
import { likelyAuthor } from '../../../src/planner/likely-author.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

const NOTHING: AuthorHints = { managers: [], settings: {}, ruleWriter: null }

/** Of the first change of a recorded drift of examples/flask.yaml. */
function author(changes: Partial<Change>[], evidence: Partial<AuthorHints> = {}, snapshot = 'up-to-date') {
  const drift = changes.map(change => ({ action: 'update', id: '', scope: 'host', ...change }) as Change)
  const [first] = drift
  return first && likelyAuthor(first, drift, snapshotOf(snapshot), { ...NOTHING, ...evidence })
}

const CHAIN: Partial<Change> = { kind: 'chain', id: 'chain/host/ipv4/nat/NSCTL-flask-DST' }
const GONE: Partial<Change>[] = [CHAIN, { ...CHAIN, id: 'chain/host/ipv4/filter/NSCTL-flask-FWD' }].map(
  one => ({
    ...one,
    action: 'create',
  }),
)
const FORWARDING: Partial<Change> = {
  kind: 'sysctl',
  before: { key: 'net/ipv4/conf/ens5/forwarding', value: '0' },
}

describe('the likely author', () => {
  test('of rules is who was heard to write them, else who runs and has rules here', () => {
    expect(author([CHAIN], { ruleWriter: 'nft (pid 7)', managers: ['ufw'] })).toBe('nft (pid 7)')
    expect(author([CHAIN], { managers: ['dockerd'] }, 'port-held-by-docker')).toMatch(/^dockerd, /)
    expect(author([CHAIN], { managers: ['dockerd'] })).toBeNull()
    expect(author([CHAIN], {}, 'port-held-by-docker')).toBeNull()
  })

  test('of no rule being left is somebody who flushed them', () => {
    expect(author(GONE, { managers: ['firewalld'] }, '.')).toBe(
      'somebody who flushed all rules: iptables -F, nft flush ruleset',
    )
    expect(author(GONE, { managers: ['dockerd'] }, 'port-held-by-docker')).toMatch(
      /flushed all rules: .*, as dockerd does when it starts/,
    )
  })

  test('of forwarding that every interface has lost is the file that says so', () => {
    const file = '/etc/sysctl.d/99-hardening.conf'
    const all: Partial<Change>[] = [
      FORWARDING,
      { ...FORWARDING, before: { key: 'net/ipv4/conf/veth0/forwarding', value: '0' } },
    ]
    const settings = { 'net/ipv4/ip_forward': { file, value: '0' } }
    expect(author(all, { settings })).toBe(`sysctl --system, from ${file}, which resets every interface`)
    const other = { 'net/ipv4/ip_forward': { file, value: '1' } }
    expect(author(all, { settings: other }) ?? '').not.toContain(file)
    const own = { 'net/ipv4/conf/ens5/forwarding': { file, value: '0' } }
    expect(author([FORWARDING], { settings: own })).toBe(`sysctl --system, from ${file}`)
  })

  test('uplink-replug: of an interface that is new is nobody', () => {
    const settings = { 'net/ipv4/ip_forward': { file: '/etc/sysctl.conf', value: '0' } }
    expect(author([FORWARDING])).toBeNull()
    expect(author([FORWARDING], { settings })).toBeNull()
    expect(author([FORWARDING], { managers: ['NetworkManager'] })).toBeNull()
  })

  test('of what is on a link that is gone is nobody else', () => {
    const address: Partial<Change> = { kind: 'address', action: 'create' }
    expect(author([address, { kind: 'veth', action: 'create' }])).toBe('it went with its link')
    expect(author([address, { kind: 'bridge', action: 'create' }])).toBe('it went with its link')
  })

  test('of a bridge is no veth pair that is gone as well, nor a program that merely runs', () => {
    const pair: Partial<Change> = { kind: 'veth', action: 'create' }
    expect(author([{ kind: 'bridge' }, pair], { managers: ['NetworkManager'] })).toBeNull()
  })
})
