import { expect, test } from 'vitest'
import { createHost, NSCTL } from '../host/host.ts'
import { script } from '../host/paths.ts'
import { applyFile, topologyFile } from '../host/topology.ts'

const WEB = `
name: web
uplinks: [default]
subnets:
  front: 10.20.0.0/24
namespaces:
  shop: {}
veths:
  - { subnet: front, ends: [host, shop] }
forwards:
  - { listen: 8000, to: shop:8080 }
`

test('altname: an uplink by its other name is taken, a wanted name that is one is refused, an own end gets its name back', async () => {
  await using host = await createHost()
  await script(host, 'ip link property add dev ens5 altname enx0200000071a0 altname shop-eth0')
  const path = await topologyFile(host, WEB.replace('default', 'enx0200000071a0'))
  expect(await host.nsctl(['plan', path])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('shop-eth0 on the host is another name of the interface ens5'),
  })
  await script(host, 'ip link property del dev ens5 altname shop-eth0')
  await applyFile(host, path)
  await script(
    host,
    `ip link set shop-eth0 down; ip link set shop-eth0 name enx0a0b0c0d0e0f
     ip link property add dev enx0a0b0c0d0e0f altname shop-eth0; ip link set enx0a0b0c0d0e0f up`,
  )
  await applyFile(host, path)
  expect(await script(host, 'ip -br link show dev shop-eth0')).toMatch(/^shop-eth0@/)
})

test('private-mounts: what would end with the mounts of nsctl is refused, unless it is accepted or the host sees it', async () => {
  await using host = await createHost()
  const path = await topologyFile(host, WEB)
  const apply = (propagation: string, ...options: string[]) => {
    const nsctl = [process.execPath, NSCTL, 'apply', path, ...options]
    return host.run('unshare', ['--mount', '--propagation', propagation, ...nsctl], { reject: false })
  }
  for (const propagation of ['private', 'slave'])
    expect(await apply(propagation)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/error\[private-mounts\].*\n[\s\S]*--accept private-mounts:\/run\/netns/),
    })
  const accepted = await apply('private', '--accept', 'private-mounts:/run/netns')
  expect(accepted).toMatchObject({ exitCode: 0 })
  await host.nsctl(['destroy', 'web', '--yes'])
  await script(host, 'mount --make-shared /run')
  expect(await apply('unchanged')).toMatchObject({ exitCode: 0 })
  expect(await host.nsctl(['list', '--detailed-exitcode'])).toMatchObject({ exitCode: 0 })
})

test('import-latin1-comment: bytes that are no UTF-8 are cited, and stop nothing', async () => {
  await using host = await createHost()
  const path = await topologyFile(host, WEB)
  await script(
    host,
    `byte=$(printf 'caf\\351')
     ip netns add app; ip link add va type veth peer name eth0 netns app; ip link set va up
     ip addr add 10.9.0.1/24 dev va; ip -n app addr add 10.9.0.2/24 dev eth0; ip -n app link set eth0 up
     ip -n app route add default via 10.9.0.1
     ip link add "$byte" type veth peer name other alias "$byte"
     mkdir -p "/etc/netns/$byte"; echo "# $byte" > /etc/netns/app
     iptables -A FORWARD -s 192.0.2.66 -m comment --comment "$byte" -j DROP
     ip netns exec app sh -c 'exec -a "$0" sleep 300' "$byte" >/dev/null 2>&1 &`,
  )
  const imported = await host.nsctl(['import'])
  expect(imported).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('--comment "caf\\xe9"') })
  await host.write('/run/topologies/imported.yaml', imported.stdout)
  for (const args of [
    ['validate', '/run/topologies/imported.yaml'],
    ['plan', path],
    ['snapshot', '--reader', 'netlink'],
    ['explain', 'tcp', 'outside', '10.9.0.2:80', '--source', '192.0.2.66'],
    ['doctor'],
    ['apply', path],
    ['list'],
    ['destroy', 'web', '--yes'],
  ])
    expect([args[0], (await host.nsctl(args)).exitCode]).toEqual([args[0], 0])
})
