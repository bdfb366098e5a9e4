import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT4, HOST4 } from '../host/addresses.ts'
import { createHost, type Host } from '../host/host.ts'
import { expectPaths, type Path, script, serveIn } from '../host/paths.ts'
import { applyFile, applyText, destroy, FLASK } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { type Picture, picture } from '../oracle/oracle.ts'

describe.each(['nft', 'legacy'])('beside Docker and libvirt, with iptables-%s', variant => {
  const options = ['--iptables', variant]
  let host: Host
  let before: Picture

  /** A bridge with a machine behind it. */
  const segment = (bridge: string, name: string, network: string) => `
    ip netns add ${name}
    ip link add ${bridge} type bridge
    ip address add ${network}.1/24 dev ${bridge}
    ip link set ${bridge} up
    ip link add ${bridge}-p type veth peer name eth0 netns ${name}
    ip link set ${bridge}-p master ${bridge} up
    ip -n ${name} address add ${network}.2/24 dev eth0
    ip -n ${name} link set eth0 up
    ip -n ${name} link set lo up
    ip -n ${name} route add default via ${network}.1`

  /** What Docker does as it starts: its rules go to the front, and the policy is DROP. */
  const startDocker = () =>
    script(
      host,
      `
      t=iptables-${variant}
      sysctl -q -w net.ipv4.ip_forward=1
      $t -P FORWARD DROP
      for c in DOCKER DOCKER-USER DOCKER-FORWARD; do $t -N $c 2>/dev/null || $t -F $c; done
      $t -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
      $t -A DOCKER ! -i docker0 -o docker0 -j DROP
      $t -A DOCKER-FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      $t -A DOCKER-FORWARD -o docker0 -j DOCKER
      $t -A DOCKER-FORWARD -i docker0 -j ACCEPT
      for c in DOCKER-FORWARD DOCKER-USER; do
        $t -D FORWARD -j $c 2>/dev/null || true
        $t -I FORWARD -j $c
      done
      $t -t nat -N DOCKER 2>/dev/null || $t -t nat -F DOCKER
      $t -t nat -C PREROUTING -m addrtype --dst-type LOCAL -j DOCKER 2>/dev/null ||
        $t -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      $t -t nat -C OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER 2>/dev/null ||
        $t -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
      $t -t nat -C POSTROUTING -s 172.17.0.0/24 ! -o docker0 -j MASQUERADE 2>/dev/null ||
        $t -t nat -A POSTROUTING -s 172.17.0.0/24 ! -o docker0 -j MASQUERADE
      $t -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 5000 -j DNAT --to-destination 172.17.0.2:80
      `,
    )

  const others: Path[] = [
    ['outside', `${HOST4}:5000`, `box ${CLIENT4}`, { source: CLIENT4 }],
    ['host', `${HOST4}:5000`, `box ${HOST4}`],
    ['box', `${CLIENT4}:80`, `outside ${HOST4}`],
    ['box', '172.17.0.1:7001', 'host 172.17.0.2'],
    ['outside', '172.17.0.2:81', 'timeout'],
    ['vm', `${CLIENT4}:80`, `outside ${HOST4}`],
    ['vm', `${CLIENT4}:53`, `outside ${HOST4}`, { protocol: 'udp' }],
    ['vm', `${HOST4}:5000`, 'box'],
    ['outside', '192.168.122.2:80', 'ECONNREFUSED'],
    // Docker's rules come first, and let its containers out.
    ['box', '192.168.122.2:80', 'vm'],
  ]

  beforeAll(async () => {
    host = await createHost()
    await script(
      host,
      `
      ${segment('docker0', 'box', '172.17.0')}
      ${segment('virbr0', 'vm', '192.168.122')}
      for net in 172.17.0.0/24 192.168.0.0/16; do ip -n outside route add $net via ${HOST4}; done
      t=iptables-${variant}
      for c in LIBVIRT_FWX LIBVIRT_FWI LIBVIRT_FWO; do $t -N $c; $t -A FORWARD -j $c; done
      $t -A LIBVIRT_FWI -d 192.168.122.0/24 -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      $t -A LIBVIRT_FWI -o virbr0 -j REJECT
      $t -A LIBVIRT_FWO -s 192.168.122.0/24 -i virbr0 -j ACCEPT
      $t -A LIBVIRT_FWX -i virbr0 -o virbr0 -j ACCEPT
      $t -t nat -A POSTROUTING -s 192.168.122.0/24 -d 224.0.0.0/24 -j RETURN
      $t -t nat -A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE
      `,
    )
    await startDocker()
    before = await picture(host)
    await serveIn(host, { box: [80, 81], vm: [80], outside: [80], host: [7001] }, [53])
  })
  afterAll(() => host.dispose())

  test('their containers and published ports work before', () => expectPaths(host, others))

  test('and exactly as before once a topology is there', async () => {
    await applyFile(host, FLASK, options)
    await serveIn(host, { netns1: [8080, 9090], netns2: [8080, 9090] })
    await expectPaths(host, others)
  })

  const ours: Path[] = [
    ['outside', `${HOST4}:6000`, `netns1 ${CLIENT4}`, { source: CLIENT4 }],
    ['netns1', `${HOST4}:6001`, 'netns2 192.168.0.2'],
    ['host', '127.0.0.1:6000', 'netns1'],
    ['netns1', `${CLIENT4}:80`, `outside ${HOST4}`],
    ['netns1', `${HOST4}:5000`, 'box 192.168.0.2'],
    ['netns1', '172.17.0.2:81', 'timeout'],
    ['netns1', '192.168.122.2:80', 'closed'],
    ['outside', '192.168.0.2:9090', 'timeout'],
    ['box', '192.168.0.2:9090', 'timeout'],
    ['box', '192.168.1.2:8080', 'timeout'],
    ['vm', '192.168.0.2:9090', 'timeout'],
  ]

  test('the topology works beside them, and is closed to them', () => expectPaths(host, ours))

  test('a Docker that starts again puts its rules first, and still reaches nothing unpublished', async () => {
    await startDocker()
    const front = (await script(host, `iptables-${variant} -S FORWARD`)).split('\n').slice(1, 3)
    expect(front).toEqual(['-A FORWARD -j DOCKER-USER', '-A FORWARD -j DOCKER-FORWARD'])
    await expectPaths(host, [...others, ...ours])
    await applyFile(host, FLASK, options)
    await expectPaths(host, [...others, ...ours])
  })

  test('destroy gives the host back as it was, and theirs works on', async () => {
    await destroy(host)
    await expectPaths(host, others)
    expect(difference(before, await picture(host))).toEqual([])
  })

  test('what Docker publishes already is not taken from it', async () => {
    const text = `
name: thief
uplinks: [ens5]
subnets: { z: 10.99.0.0/24 }
namespaces: { z1: {} }
veths: [{ subnet: z, ends: [host, z1] }]
forwards: [{ listen: 5000, to: z1:80 }]
`
    await expect(applyText(host, text, options)).rejects.toThrow(/port-held.*5000/s)
    expect(difference(before, await picture(host))).toEqual([])
  })
})
