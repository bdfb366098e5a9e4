import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost, type Host } from '../host/host.ts'
import { applyText } from '../host/topology.ts'

const SHOP = `
name: shop
uplinks: [ens5]
subnets: { lan: { cidr: [10.1.0.0/24, fd01::/64], bridge: br-shop } }
namespaces: { web: {}, db: {} }
veths:
  - { subnet: lan, ends: [host, web] }
  - { subnet: lan, ends: [host, { namespace: db, rate: 10mbit }] }
forwards:
  - { listen: 8000, to: web:80 }
  - { listen: "203.0.113.10:5432", to: db:5432 }
`

describe('status', () => {
  let host: Host

  beforeAll(async () => {
    host = await createHost()
    await applyText(host, SHOP)
  })

  afterAll(() => host.dispose())

  const json = async () => JSON.parse((await host.nsctl(['status', 'shop', '--format', 'json'])).stdout)

  test('tells addresses, rates, and where links lead', async () => {
    const { namespaces, host: own } = await json()
    expect(namespaces.map((one: { name: string }) => one.name)).toEqual(['db', 'web'])
    expect(namespaces[0].links).toMatchObject([
      {
        name: 'eth0',
        state: 'up',
        peer: 'host:db-eth0',
        rate: 10_000_000,
        addresses: ['10.1.0.3/24', 'fd01::3/64'],
      },
    ])
    expect(own.links).toMatchObject([
      { name: 'br-shop', addresses: ['10.1.0.1/24', 'fd01::1/64'] },
      { name: 'web-eth0', master: 'br-shop' },
      { name: 'db-eth0', master: 'br-shop' },
    ])
  })

  test('asks no more than two namespaces at a time, however many there are', async () => {
    const names = [...Array(8).keys()].map(i => `n${i}`)
    await applyText(host, `name: many\nnamespaces: { ${names.map(name => `${name}: {}`).join(', ')} }\n`)
    await host.write(
      '/run/stand-ins/ss',
      '#!/bin/sh\necho begins >> /run/asked; sleep 0.1; /usr/bin/ss "$@"; echo ends >> /run/asked\n',
    )
    await host.run('chmod', ['755', '/run/stand-ins/ss'])
    const env = { PATH: `/run/stand-ins:${process.env.PATH}` }
    expect(await host.nsctl(['status', 'many'], { env })).toMatchObject({ exitCode: 0 })
    const asked = (await host.read('/run/asked')).trim().split('\n')
    expect(asked.filter(line => line === 'begins').length).toBeGreaterThanOrEqual(names.length)
    let running = 0
    const atOnce = asked.map(line => (line === 'begins' ? ++running : running--))
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(2)
    await host.nsctl(['destroy', 'many', '--yes'])
  })

  test('a port nobody listens behind is a matter of health, not of sync', async () => {
    expect(await json()).toMatchObject({ sync: 'in-sync', health: 'degraded' })
    const server = await host.serve({ name: 'web', namespace: 'web', tcp: [80] })
    const { published } = await json()
    expect(published).toContainEqual({
      protocol: 'tcp',
      listen: null,
      family: 'ipv4',
      first: 8000,
      last: 8000,
      target: { namespace: 'web', address: '10.1.0.2', port: 80 },
      listener: expect.stringMatching(/^node \(pid \d+\)$/),
    })
    expect(published).toContainEqual(
      expect.objectContaining({ listen: '203.0.113.10', first: 5432, listener: null }),
    )
    await server.stop()
  })

  test('drift is told with what would mend it, and by the exit code', async () => {
    expect((await host.nsctl(['status', '--detailed-exitcode'])).exitCode).toBe(0)
    await host.in('web', 'ip', ['route', 'del', 'default'])
    const drifted = await host.nsctl(['status', '--detailed-exitcode'])
    expect(drifted.exitCode).toBe(2)
    expect(drifted.stdout).toMatch(/\+ web: route default/)
    expect((await json()).drift).toMatchObject([{ action: 'create', id: 'route/web/0.0.0.0/0' }])
    await applyText(host, SHOP)
  })

  test('a topology that is not there is said, with those that are', async () => {
    const result = await host.nsctl(['status', 'shp'])
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(result.stderr).toBe('nsctl: nothing of shp on this host; topologies here: shop\n')
  })
})
