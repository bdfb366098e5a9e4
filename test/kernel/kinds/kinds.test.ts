import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { topologyFile } from '../host/topology.ts'
import type { Done } from './with-switch.ts'

const PROGRAM = fileURLToPath(new URL('with-switch.ts', import.meta.url))

async function act(host: Host, verb: 'plan' | 'apply' | 'try' | 'destroy', target: string): Promise<Done> {
  const { stdout } = await host.run(process.execPath, ['--import', 'tsx', PROGRAM, verb, target])
  return JSON.parse(stdout)
}

const text = (...names: string[]) =>
  `name: lab\nuplinks: []\nnamespaces:\n${names.map(name => `  ${name}: {}\n`).join('')}`

const SWITCH = { kind: 'bridge', up: true, mtu: 1400, alias: 'nsctl:lab' }

test('a kind that no file but its own knows is planned, applied, predicted, mended, rolled back and destroyed', async () => {
  await using host = await createHost({ uplink: false })
  const web = await topologyFile(host, text('web'))

  const first = await act(host, 'apply', web)
  expect(first.plan.changes).toEqual(['create namespace/web', 'create switch/web/sw0'])
  expect(first.plan.text).toMatch(/^ {4}\+ switch sw0 +mtu 1400$/m)
  expect(first.live).toEqual({ web: SWITCH })
  expect(first.plan.predicted).toEqual(first.live)
  expect(first.left).toEqual([])

  await host.run('ip', ['-n', 'web', 'link', 'set', 'dev', 'sw0', 'mtu', '1280', 'down'])
  const drifted = await act(host, 'plan', web)
  expect(drifted.plan.changes).toEqual(['update switch/web/sw0'])
  expect(drifted.plan.text).toMatch(/~ switch sw0.+mtu 1280 -> 1400.+state down -> up/s)
  expect(drifted.plan.facts).toEqual(['namespace/web', 'switch/web/sw0'])
  const repaired = await act(host, 'apply', web)
  expect(repaired.live).toEqual({ web: SWITCH })
  expect(repaired.left).toEqual([])

  await host.run('ip', ['netns', 'del', 'web'])
  const lost = await act(host, 'apply', web)
  expect(lost.plan.roots).toEqual(['namespace/web'])
  expect(lost.plan.authors).toEqual(['ip netns delete, or a umount', 'it went with its namespace'])
  expect(lost.live).toEqual({ web: SWITCH })

  const tried = await act(host, 'try', await topologyFile(host, text('web', 'api')))
  expect(tried.live).toEqual({ web: SWITCH, api: SWITCH })
  expect(tried.rolledBack?.plan.changes).toEqual(['delete namespace/api', 'delete switch/api/sw0'])
  expect(tried.rolledBack?.plan.text).toContain('goes with namespace api')
  expect(tried.rolledBack?.plan.predicted).toEqual({ web: SWITCH })
  expect(tried.rolledBack?.live).toEqual({ web: SWITCH })

  const destroyed = await act(host, 'destroy', 'lab')
  expect(destroyed.live).toEqual({})
  expect(destroyed.left).toEqual([])
  expect((await host.run('ip', ['netns', 'list'])).stdout).toBe('')
})
