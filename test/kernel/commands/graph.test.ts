import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyText, FLASK, topologyFile } from '../host/topology.ts'

const SHOP = `
name: shop
uplinks: [ens5]
subnets: { lan: { cidr: 10.1.0.0/24, bridge: br-shop } }
namespaces: { web: {}, db: {} }
veths:
  - { subnet: lan, ends: [host, web] }
  - { subnet: lan, ends: [host, db] }
forwards:
  - { listen: 8000, to: web:80 }
`

let host: Host
beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host.dispose())

const graph = (file: string, ...options: string[]) => host.nsctl(['graph', file, ...options])

test.each([
  ['mermaid', /^---\ntitle: "flask"\n---\nflowchart LR\n/],
  ['dot', /^digraph "flask" \{\n/],
  ['svg', /^<svg [\s\S]*<\/svg>\n$/],
  ['html', /^<!doctype html>[\s\S]*<\/html>\n$/],
])('%s is drawn by the built command without asking the kernel', async (format, shape) => {
  const { exitCode, stdout, stderr } = await host.nsctl([
    '--log-level',
    'trace',
    'graph',
    FLASK,
    '--format',
    format,
  ])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(shape)
  for (const word of ['netns1', '192.168.0.2/24', '6001', '8080']) expect(stdout).toContain(word)
})

test('the page that is built is made of the files as they are written', async () => {
  const { stdout } = await graph(FLASK, '--format', 'html')
  for (const name of ['page.css', 'page.browser.js']) {
    const text = await readFile(new URL(`../../../src/render/graph/${name}`, import.meta.url), 'utf8')
    expect(stdout).toContain(text)
  }
})

test('a file that is wrong is 65, and nothing is drawn', async () => {
  const file = await topologyFile(host, 'name: wrong\nforwards:\n  - { listen: 6000, to: nobody:80 }\n')
  expect(await graph(file)).toMatchObject({ exitCode: 65, stdout: '' })
})

test('--live marks what differs where it does, and tells what has passed', async () => {
  await applyText(host, SHOP)
  const file = '/run/topologies/shop.yaml'
  const line = (text: string, id: string) => text.split('\n').find(one => one.trim().startsWith(`${id}[`))
  const before = (await graph(file, '--live')).stdout
  expect(before).not.toContain('drift')
  await host.in('web', 'ping', ['-c', '3', '-i', '0.2', '203.0.113.1'])
  await host.in('db', 'ip', ['route', 'del', 'default'])
  const { stdout } = await graph(file, '--live')
  expect(line(stdout, 'namespace__db')).toMatch(/drift: 1 to mend.*:::drift$/)
  expect(line(stdout, 'namespace__web')).toMatch(/:::namespace$/)
  const sent = (text: string) => Number(/eth0 ↑ (\d+) B/.exec(line(text, 'namespace__web') ?? '')?.[1])
  // Three echo requests of 84 bytes in frames of 98, at least.
  expect(sent(stdout) - sent(before)).toBeGreaterThanOrEqual(3 * 98)
  const page = (await graph(file, '--live', '--format', 'html')).stdout
  expect(page).toContain('differs from the file: 1 to mend')
  expect(page).toContain('+ route default')
})

test('--live of what was never applied: every namespace is to come', async () => {
  const { exitCode, stdout } = await graph(FLASK, '--live')
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/namespace__netns1\[.*to mend.*:::drift/)
})
