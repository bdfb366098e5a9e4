import { describe, expect, it } from 'vitest'
import type { RawLink } from '../../../src/kernel/read/network.ts'
import { HOST, type Ids, matchPeers, type Scope } from '../../../src/kernel/read/peers.ts'
import type { Link } from '../../../src/model/host/snapshot.ts'

describe('the other ends of veth pairs', () => {
  it('finds them through the host’s ids, and asks nobody else', async () => {
    const networks = scopes({
      host: [across('v0', 5, 2, 0), across('v1', 6, 2, 1)],
      a: [across('eth0', 2, 5, 0)],
      b: [across('eth0', 2, 6, 0)],
    })
    await matchPeers(networks, new Map([...ids('a', 'b')]), () => Promise.reject(new Error('asked')))
    expect(peers(networks)).toEqual({
      'host/v0': 'a/eth0',
      'host/v1': 'b/eth0',
      'a/eth0': 'host/v0',
      'b/eth0': 'host/v1',
    })
  })

  it('tells a ring of namespaces with the same indexes apart', async () => {
    // Each has r at 2 towards the next one, whose l at 3 leads back.
    const networks = scopes({
      a: [across('r', 2, 3, 0), across('l', 3, 2, 1)],
      b: [across('r', 2, 3, 1), across('l', 3, 2, 0)],
      c: [across('r', 2, 3, 0), across('l', 3, 2, 1)],
    })
    const seen: Record<string, Ids> = { a: ids('b', 'c'), b: ids('a', 'c'), c: ids('a', 'b') }
    await matchPeers(
      networks,
      new Map(),
      async names => new Map(names.map(name => [name, seen[name] ?? new Map()])),
    )
    expect(peers(networks)).toEqual({
      'a/r': 'b/l',
      'b/r': 'c/l',
      'c/r': 'a/l',
      'b/l': 'a/r',
      'c/l': 'b/r',
      'a/l': 'c/r',
    })
  })

  it('says so when the other end is in a namespace without a name', async () => {
    const networks = scopes({ host: [across('v0', 5, 2, 7)], a: [across('eth0', 2, 9, 3)] })
    await matchPeers(networks, ids('a'), async () => new Map([['a', new Map()]]))
    expect(peers(networks)).toEqual({ 'host/v0': 'null/null', 'a/eth0': 'null/null' })
  })

  it('finds both ends within one namespace', async () => {
    const networks = scopes({ host: [within('h0', 4, 'h1'), within('h1', 5, 'h0')] })
    await matchPeers(networks, new Map(), () => Promise.reject(new Error('asked')))
    expect(peers(networks)).toEqual({ 'host/h0': 'host/h1', 'host/h1': 'host/h0' })
  })

  it('does not match an end that does not point back', async () => {
    const networks = scopes({ host: [across('v0', 5, 2, 0)], a: [across('eth0', 2, 6, 0)] })
    await matchPeers(networks, ids('a'), async () => new Map([['a', new Map()]]))
    expect(peers(networks)).toEqual({ 'host/v0': 'a/null', 'a/eth0': 'null/null' })
  })
})

function ids(...names: string[]): Ids {
  return new Map(names.map((name, id) => [id, name]))
}

function across(name: string, index: number, peerIndex: number, peerNamespaceId: number): RawLink {
  return { link: veth(name, index), peerIndex, peerNamespaceId, peerName: null }
}

function within(name: string, index: number, peerName: string): RawLink {
  return { link: veth(name, index), peerIndex: null, peerNamespaceId: null, peerName }
}

function veth(name: string, index: number): Link {
  return {
    index,
    name,
    kind: 'veth',
    up: true,
    mtu: 1500,
    mac: '',
    group: 0,
    alias: null,
    master: null,
    peer: null,
    addresses: [],
    qdisc: null,
    hairpin: false,
  }
}

function scopes(links: Record<string, RawLink[]>): Map<Scope, { links: RawLink[] }> {
  return new Map(Object.entries(links).map(([name, links]) => [name === 'host' ? HOST : name, { links }]))
}

function peers(networks: Map<Scope, { links: RawLink[] }>): Record<string, string> {
  return Object.fromEntries(
    [...networks].flatMap(([scope, { links }]) =>
      links.map(({ link }) => [
        `${typeof scope === 'string' ? scope : 'host'}/${link.name}`,
        `${link.peer?.namespace}/${link.peer?.interface}`,
      ]),
    ),
  )
}
