import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OUTSIDE } from '../../../src/kernel/sandbox.ts'
import { createHost, type Host } from '../host/host.ts'
import { briefly } from '../host/patience.ts'
import { applyFile, applyText, destroy, topologyFile } from '../host/topology.ts'
import { difference } from '../oracle/difference.ts'
import { picture } from '../oracle/oracle.ts'
import { foreignPart, type Own } from './foreign.ts'
import { installManagers } from './managers.ts'

const [HOST, HOST6] = OUTSIDE.host
const OWN: Own = { topology: 'web', links: ['v1'], namespaces: ['n1'], uplinks: ['ens5'] }

const topology = (more = '') => `
name: web
uplinks: [ens5]
subnets: { lan: { cidr: [10.1.0.0/24, "fd00:1::/64"] } }
namespaces: { n1: {} }
veths:
  - { subnet: lan, ends: [host:v1, n1:eth0] }
forwards:
  - { listen: 6000, to: n1:8080 }
${more}`

let host: Host
const sh = (script: string) => host.run('sh', ['-ec', script])

beforeEach(async () => {
  host = await createHost()
})
afterEach(() => host.dispose())

/** What dockerd does when it starts, and for one container with a published port. */
const startDocker = () =>
  sh(`
    sysctl -q -w net.ipv4.ip_forward=1
    echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    ip netns add docker-c1
    ip link add name docker0 type bridge
    ip address add 172.17.0.1/16 dev docker0
    ip address add fd17::1/64 dev docker0 nodad
    ip link set docker0 up
    ip link add name vethc1 type veth peer name eth0 netns docker-c1
    ip link set vethc1 master docker0 up
    ip -n docker-c1 address add 172.17.0.2/16 dev eth0
    ip -n docker-c1 address add fd17::2/64 dev eth0 nodad
    ip -n docker-c1 link set eth0 up
    ip -n docker-c1 link set lo up
    ip -n docker-c1 route add default via 172.17.0.1
    ip -n docker-c1 -6 route add default via fd17::1
    for t in iptables ip6tables; do
      case $t in iptables) c=172.17.0.2; n=172.17.0.0/16; d="$c:80";; *) c=fd17::2; n=fd17::/64; d="[$c]:80";; esac
      $t -t nat -N DOCKER; $t -N DOCKER; $t -N DOCKER-USER; $t -A DOCKER-USER -j RETURN
      $t -P FORWARD DROP
      $t -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      $t -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER
      $t -t nat -I POSTROUTING -s $n ! -o docker0 -j MASQUERADE
      $t -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination $d
      $t -I FORWARD -i docker0 ! -o docker0 -j ACCEPT
      $t -I FORWARD -o docker0 -j DOCKER
      $t -I FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      $t -I FORWARD -j DOCKER-USER
      $t -A DOCKER -d $c ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
    done
    ip -n outside route add 172.17.0.0/16 via ${HOST}
    ip -n outside -6 route add fd17::/64 via ${HOST6}
  `)

/** Who gets through, by what is asked: its published port, and the one it did not publish, directly. */
async function reach(): Promise<Record<string, string | null>> {
  const [, client] = OUTSIDE.client
  const results = await host.probe([
    { from: 'outside', address: HOST, port: 8080 },
    { from: 'outside', address: HOST6, port: 8080, source: client },
    { from: 'outside', address: '172.17.0.2', port: 81, timeout: briefly() },
    { from: 'outside', address: 'fd17::2', port: 81, source: client, timeout: briefly() },
    { from: 'docker-c1', address: OUTSIDE.client[0], port: 9000 },
  ])
  const names = ['published', 'published 6', 'unpublished', 'unpublished 6', 'outwards']
  return Object.fromEntries(names.map((name, i) => [name, results[i]?.name ?? null]))
}

const AS_DOCKER_WANTS = {
  published: 'container',
  'published 6': 'container',
  unpublished: null,
  'unpublished 6': null,
  outwards: 'far',
}

describe('a Docker that starts between apply and destroy', () => {
  test.each([
    ['', 'keep'],
    ['host: { forward-policy: drop }', 'drop'],
  ])(
    'is as reachable as it wants to be, no more and no less, before and after destroy: policy %s',
    async more => {
      await applyText(host, topology(more))
      await startDocker()
      await host.serve({ name: 'container', namespace: 'docker-c1', tcp: [80, 81] })
      await host.serve({ name: 'far', namespace: 'outside', tcp: [9000] })
      await host.serve({ name: 'own', namespace: 'n1', tcp: [8080] })
      // It waits for addresses that are tentative.
      const started = foreignPart(await picture(host), OWN)
      expect(await reach()).toEqual(AS_DOCKER_WANTS)
      expect(await host.get({ from: 'outside', address: HOST, port: 6000 })).toMatchObject({ name: 'own' })

      await applyFile(host, await topologyFile(host, topology(more)))
      expect(await reach()).toEqual(AS_DOCKER_WANTS)
      expect(await host.get({ from: 'outside', address: HOST, port: 6000 })).toMatchObject({ name: 'own' })
      expect(difference(started, foreignPart(await picture(host), OWN))).toEqual([])

      await destroy(host)
      expect(await reach()).toEqual(AS_DOCKER_WANTS)
      expect(difference(started, foreignPart(await picture(host), OWN))).toEqual([])
    },
  )
})

describe('a firewall that is loaded anew', () => {
  test.each([
    [
      'firewalld flushes every table of iptables and writes its own',
      'for t in raw mangle nat filter; do iptables -t $t -F; iptables -t $t -X; ip6tables -t $t -F; ip6tables -t $t -X; done',
    ],
    ['ufw reset takes the filter table', 'iptables -F; iptables -X; ip6tables -F; ip6tables -X'],
  ])('%s: the next apply mends what is ours, around what is theirs', async (_, flush) => {
    const file = await topologyFile(host, topology())
    await applyFile(host, file)
    await host.serve({ name: 'own', namespace: 'n1', tcp: [8080] })
    await sh(flush)
    await installManagers(host, 'nft')
    const theirs = foreignPart(await picture(host), OWN)
    expect((await host.nsctl(['plan', file, '--detailed-exitcode'])).exitCode).toBe(2)
    await applyFile(host, file)
    expect(await host.get({ from: 'outside', address: HOST, port: 6000 })).toMatchObject({ name: 'own' })
    expect(difference(theirs, foreignPart(await picture(host), OWN))).toEqual([])
    await destroy(host)
    expect(difference(theirs, foreignPart(await picture(host), OWN))).toEqual([])
  })
})
