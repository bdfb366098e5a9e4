import { expect, test } from 'vitest'
import { createHost } from '../host/host.ts'
import { applyFile } from '../host/topology.ts'

const EXAMPLES = new URL('../../../examples/', import.meta.url).pathname

const SETS = `table inet block {
  set plain { type ipv4_addr; elements = { 198.51.100.1, 198.51.100.9 } }
  set ranges { type ipv4_addr; flags interval; elements = { 203.0.113.0-203.0.113.9, 203.0.113.64/26 } }
  set others { type ipv4_addr; elements = { 192.0.2.200, * } }
  chain first { type filter hook prerouting priority -400; policy accept; ip saddr @plain drop; ip saddr @ranges drop; }
}
`

test('an address is looked up in a set by the kernel as in all of its elements, which `nft` reads', async () => {
  await using host = await createHost()
  await applyFile(host, `${EXAMPLES}flask.yaml`)
  const verdict = async (source: string, reader: string) => {
    const args = ['explain', 'tcp', 'outside', 'host:6001', '--source', source, '--reader', reader]
    const { stdout } = await host.nsctl([...args, '--format', 'json', '--family', 'ipv4'])
    return JSON.stringify(JSON.parse(stdout))
  }
  const isDropped = async (source: string) => {
    const [ip, netlink] = [await verdict(source, 'ip'), await verdict(source, 'netlink')]
    expect(netlink).toBe(ip)
    return ip.includes('"dropped"')
  }
  await host.run('nft', ['-f', '-'], { input: SETS })
  expect(await isDropped('198.51.100.9')).toBe(true)
  expect(await isDropped('198.51.100.2')).toBe(false)
  expect(await isDropped('203.0.113.0')).toBe(true)
  expect(await isDropped('203.0.113.9')).toBe(true)
  expect(await isDropped('203.0.113.10')).toBe(false)
  expect(await isDropped('203.0.113.100')).toBe(true)
  // With an element for all others the kernel is not asked for one.
  await host.run('nft', ['add', 'rule', 'inet', 'block', 'first', 'ip', 'saddr', '@others', 'drop'])
  expect(await isDropped('198.51.100.2')).toBe(true)
})
