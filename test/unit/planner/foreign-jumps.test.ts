import { expect, test } from 'vitest'
import type { Firewall, Snapshot, Table } from '../../../src/model/host/snapshot.ts'
import { planDestroy, planRollback } from '../../../src/planner/plan.ts'
import { snapshotOf } from '../../cases/snapshots.ts'

/** The example, with rules of others in its tables. */
function withRules(change: (filter: Table, firewall: Firewall) => void): Snapshot {
  const snapshot = structuredClone(snapshotOf('up-to-date'))
  const filter = snapshot.firewall.ipv4.find(({ name }) => name === 'filter')
  if (!filter) throw new Error('no filter')
  change(filter, snapshot.firewall)
  return snapshot
}

const chainIn = ({ chains }: Table, name: string) => {
  const found = chains.find(chain => chain.name === name)
  if (!found) throw new Error(`no ${name}`)
  return found
}
const found = (snapshot: Snapshot) =>
  planDestroy('flask', snapshot).findings.map(({ severity, code, subject, notes }) => ({
    ...{ severity, code, subject },
    remedy: notes.at(-1)?.replace(/.*: /, ''),
  }))

test('a rule of somebody else that leads into a chain of ours is named before it could stop a destroy', () => {
  const snapshot = withRules(filter => {
    chainIn(filter, 'FORWARD').rules = [
      ...chainIn(filter, 'FORWARD').rules,
      '-s 10.9.0.0/16 -j NSCTL-flask-FWD',
    ]
    filter.chains.push({
      name: 'mine',
      policy: null,
      rules: [
        '-m comment --comment "it\'s $HOME" -g NSCTL-flask-FWD',
        '-m comment --comment "nsctl:flask" -j NSCTL-flask-FWD',
      ],
    })
  })
  expect(found(snapshot)).toEqual([
    {
      ...{ severity: 'error', code: 'foreign-jump', subject: 'nft/ip/filter/FORWARD/3' },
      remedy: 'iptables-nft -D FORWARD -s 10.9.0.0/16 -j NSCTL-flask-FWD',
    },
    {
      ...{ severity: 'error', code: 'foreign-jump', subject: 'nft/ip/filter/mine/1' },
      remedy: `iptables-nft -D mine -m comment --comment 'it'\\''s $HOME' -g NSCTL-flask-FWD`,
    },
    {
      ...{ severity: 'error', code: 'foreign-jump', subject: 'nft/ip/filter/mine/2' },
      remedy: `iptables-nft -D mine -m comment --comment nsctl:flask -j NSCTL-flask-FWD`,
    },
  ])
})

test('a verdict map of nft that leads there is named by its handle', () => {
  const text = 'tcp dport vmap { 80 : jump NSCTL-flask-FWD }'
  const snapshot = withRules((filter, firewall) => {
    filter.chains.push({ name: 'mine', policy: null, rules: [`-m nft --rule "${text}" -j NFT`] })
    firewall.native = [{ family: 'ipv4', table: 'filter', chain: 'mine', handle: 9, text, owner: null }]
  })
  expect(found(snapshot)).toMatchObject([
    { code: 'foreign-jump', remedy: 'nft delete rule ip filter mine handle 9' },
  ])
})

test('our own jumps, and those into a chain that stays, are no finding', () => {
  expect(found(snapshotOf('up-to-date'))).toEqual([])
})

/** As a rule in FORWARD that iptables cannot print makes it. */
const unprinted = withRules((filter, firewall) => {
  const forward = chainIn(filter, 'FORWARD')
  const own = forward.rules.map(
    (_, i) => `-m nft --rule "jump ${i}" -j NSCTL-flask-${i === 0 ? 'FWD' : 'FENCE'}`,
  )
  forward.rules = [...own, '-m nft --rule "ct state new accept" -j ACCEPT']
  const at = { family: 'ipv4', table: 'filter', chain: 'FORWARD', owner: null } as const
  firewall.unreadable = [
    {
      ...{ variant: 'nft', family: 'ipv4', table: 'filter', why: 'incompatible' },
      culprits: [{ ...at, handle: 9, text: 'ct state new accept' }],
      jumps: own.map((_, i) => ({
        ...{ ...at, handle: 5 + i, text: `jump ${i}`, own: true },
        to: `NSCTL-flask-${i === 0 ? 'FWD' : 'FENCE'}`,
      })),
    },
  ]
})

test('of a table that iptables cannot print, destroy takes what is ours by nft', () => {
  const { findings, steps } = planDestroy('flask', unprinted)
  expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning table-unreadable'])
  const lines = steps.flatMap(({ commands }) =>
    commands.flatMap(one => (one.tool === 'nft' ? one.lines : [])),
  )
  expect(lines).toContainEqual({ op: 'delete-rule', chain: 'FORWARD', handle: 5 })
  expect(lines).toContainEqual({ op: 'delete-chain', chain: 'NSCTL-flask-FWD' })
  const restored = steps.flatMap(({ commands }) =>
    commands.flatMap(one =>
      one.tool === 'iptables-restore' && one.family === 'ipv4' && one.table === 'filter' ? one.lines : [],
    ),
  )
  expect(restored).toEqual([])
})

test('without nft to tell, destroy is refused', () => {
  const snapshot = structuredClone(unprinted)
  for (const table of snapshot.firewall.unreadable ?? []) table.culprits = []
  expect(planDestroy('flask', snapshot).findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
    'error table-unreadable',
  ])
})

test('a rollback leaves alone what is in a table that cannot be read', () => {
  const attempt = { topology: 'flask', touches: [] }
  const { changes } = planRollback(attempt, new Map(), unprinted)
  const chains = changes.filter(({ kind }) => kind === 'chain')
  expect(chains.length).toBeGreaterThan(0)
  expect(chains.filter(({ before }) => before?.family === 'ipv4' && before?.table === 'filter')).toEqual([])
})
