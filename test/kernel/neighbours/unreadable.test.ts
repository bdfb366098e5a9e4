import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyFile, destroy, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'
import { converged, inState, startWatch } from '../watch/watching.ts'
import { installManagers } from './managers.ts'

const WEB = `
name: web
uplinks: [default]
subnets: { front: 10.20.0.0/24 }
namespaces: { shop: {} }
veths:
  - { subnet: front, ends: [host, shop] }
forwards:
  - { listen: 8000, to: shop:8080 }
`

let host: Host
let file: string
const sh = (script: string) => host.run('sh', ['-ec', script])

beforeEach(async () => {
  host = await createHost()
  file = await topologyFile(host, WEB)
})
afterEach(() => host.dispose())

/** As NetBird and Calico have written them, into the table that iptables-nft made. */
const CULPRIT = `
  nft add chain ip filter netbird-acl
  nft add rule ip filter netbird-acl ct state '{ established, related }' accept`
const NO_CULPRIT = 'nft flush chain ip filter netbird-acl; nft delete chain ip filter netbird-acl'
const NAMED =
  'iptables-nft cannot print the table filter: rule in netbird-acl: ct state { established, related } accept (likely NetBird)'

test('nft-incompatible: a table that iptables cannot print is refused before the first change', async () => {
  await sh(`iptables -N X; iptables -X X; ${CULPRIT}`)
  const before = await picture(host)
  for (const command of [['plan'], ['apply', '--yes']]) {
    const { exitCode, stderr } = await host.nsctl([...command, file])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`error[table-unreadable]: ${NAMED}`)
    expect(stderr).toMatch(/as a last resort: nft delete rule ip filter netbird-acl handle \d+/)
  }
  const accepted = await host.nsctl(['apply', file, '--yes', '--accept', 'table-unreadable:nft/ip/filter'])
  expect(accepted.exitCode).toBe(1)
  const { stdout } = await host.nsctl(['doctor'])
  expect(stdout).toContain(`problem[table-unreadable]: ${NAMED}`)
  expect(difference(before, await picture(host))).toEqual([])
  await sh(NO_CULPRIT)
  await applyFile(host, file)
})

describe('incompatible-comes-later', () => {
  test('list and status say that the rules cannot be read, with the culprit; and not that they drifted', async () => {
    await applyFile(host, file)
    await sh(CULPRIT)
    const list = await host.nsctl(['list'])
    expect(list.stdout).toMatch(/^web .* unreadable /m)
    expect(list.stdout).toContain(`unreadable: ${NAMED}`)
    const { stdout } = await host.nsctl(['status', 'web'])
    expect(stdout).toMatch(/^web {2}unreadable, degraded/)
    expect(stdout).toContain(NAMED)
    expect(stdout).not.toMatch(/drifted|in-sync/)
    await sh(NO_CULPRIT)
    expect((await host.nsctl(['list'])).stdout).toMatch(/^web .* in-sync /m)
    await destroy(host, ['web'])
  })

  test('watch waits, says why, writes nothing, and goes on when the culprit is gone', async () => {
    await applyFile(host, file)
    await sh(CULPRIT)
    const rules = () => sh('nft -a list table ip filter').then(({ stdout }) => stdout)
    const before = await rules()
    const watching = await startWatch(host, [file, '--interval', '1s'])
    const line = await watching.line(inState('blocked'))
    expect(line.problems?.join()).toContain(NAMED)
    const { stdout } = await host.nsctl(['status', 'web', '--format', 'json'])
    expect(JSON.parse(stdout).watcher).toMatchObject({ state: 'blocked', repairs: 0 })
    expect(await rules()).toBe(before)
    await watching.after(() => sh(`nft flush chain ip filter NSCTL-web-FWD; ${NO_CULPRIT}`), converged)
    expect((await host.nsctl(['plan', file, '--detailed-exitcode'])).exitCode).toBe(0)
    await watching.end()
  })
})

describe('native-unparsable: a rule in FORWARD at which iptables gives up', () => {
  const MARK = `nft insert rule ip filter FORWARD meta mark set meta mark '|' 0x2000`
  const rules = () => sh('nft list ruleset').then(({ stdout }) => stdout)

  test('destroy takes what is its own by nft, and leaves the rule', async () => {
    await applyFile(host, file)
    await sh(`iptables -A FORWARD -s 10.9.0.0/16 -j ACCEPT; ${MARK}`)
    const { stderr } = await host.nsctl(['plan', file])
    expect(stderr).toContain(
      'error[table-unreadable]: iptables-nft cannot print the table filter: rule in FORWARD',
    )
    expect((await destroy(host, ['web'])).stdout).toContain('nothing of it is left')
    expect(await rules()).not.toMatch(/NSCTL/)
    expect(await rules()).toMatch(/meta mark set meta mark \| 0x00002000/)
    expect(await rules()).toMatch(/ip saddr 10\.9\.0\.0\/16/)
  })

  test('a rollback that cannot be verified is incomplete, and is one once the rule is gone', async () => {
    const applied = await host.nsctl(['apply', file, '--yes', '--confirm', '1h'])
    expect(applied.exitCode).toBe(0)
    await sh(MARK)
    const { exitCode, stderr } = await host.nsctl(['rollback', 'web'])
    expect(exitCode).toBe(4)
    expect(stderr).toContain('what is left cannot be read: iptables-nft cannot print the table filter')
    const { stdout: handle } = await sh(
      `nft -a list chain ip filter FORWARD | sed -n 's/.*0x00002000 # handle //p'`,
    )
    await sh(`nft delete rule ip filter FORWARD handle ${handle.trim()}`)
    expect((await host.nsctl(['rollback', 'web'])).exitCode).toBe(0)
    expect(await rules()).not.toMatch(/NSCTL/)
  })
})

test('a rule of somebody else that leads into a chain of ours stops destroy before it begins', async () => {
  await applyFile(host, file)
  await sh('iptables -A FORWARD -s 10.9.0.0/16 -j NSCTL-web-FWD')
  const before = await picture(host)
  const { exitCode, stderr } = await host.nsctl(['destroy', 'web', '--yes'])
  expect(exitCode).toBe(1)
  expect(difference(before, await picture(host))).toEqual([])
  const remedy = /take it away first: (.*)/.exec(stderr)?.[1] ?? 'false'
  expect(remedy).toBe('iptables-nft -D FORWARD -s 10.9.0.0/16 -j NSCTL-web-FWD')
  await sh(remedy)
  await destroy(host, ['web'])
})

test('no rule that the neighbours of this world write by iptables is taken for one of nft', async () => {
  await installManagers(host, 'nft')
  const { firewall } = JSON.parse((await host.nsctl(['snapshot'])).stdout)
  expect(firewall.variant).toBe('nft')
  expect(firewall.native).toBeUndefined()
  expect(firewall.unreadable).toBeUndefined()
})
