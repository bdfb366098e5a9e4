import { expect, test } from 'vitest'
import type { Libc } from '../../../src/kernel/netlink/libc.ts'
import { attribute, request } from '../../../src/kernel/netlink/message.ts'
import { readHostByNetlink } from '../../../src/kernel/netlink/read.ts'
import type { Run } from '../../../src/kernel/process/run.ts'
import { readHost } from '../../../src/kernel/read/ip.ts'
import { FEW_ROUTES, routesNeededFor } from '../../../src/model/host/needed-routes.ts'

interface Listed {
  to: [number, number, number, number]
  prefix: number
  protocol: number
}

const ROUTES: Listed[] = [
  { to: [0, 0, 0, 0], prefix: 0, protocol: 3 },
  { to: [192, 0, 2, 0], prefix: 24, protocol: 2 },
  { to: [10, 1, 0, 128], prefix: 25, protocol: 3 },
  { to: [10, 9, 0, 0], prefix: 24, protocol: 110 },
  ...Array.from({ length: FEW_ROUTES }, (_, i): Listed => {
    return { to: [20, i >> 8, i & 255, 0], prefix: 24, protocol: 186 }
  }),
  { to: [10, 1, 0, 0], prefix: 16, protocol: 186 },
]

/** What the kernel answers to a question of a netlink socket: routes, and nothing to all others. */
function fakeLibc(routes: Listed[]): Libc {
  let left: Buffer[] = []
  const done = request(3, 2, Buffer.alloc(4))
  return {
    setns: () => 0,
    socket: () => 99,
    bind: () => 0,
    send: (_, bytes) => {
      const messages = bytes.readUInt16LE(4) === 26 ? routes.map(message) : []
      left = []
      for (let at = 0; at < messages.length; at += 100) left.push(Buffer.concat(messages.slice(at, at + 100)))
      left.push(done)
      return bytes.length
    },
    recv: (_, bytes) => left.shift()?.copy(bytes) ?? 0,
    close: () => 0,
    errno: () => 0,
  }
}

function message({ to, prefix, protocol }: Listed): Buffer {
  const body = Buffer.from([2, prefix, 0, 0, 254, protocol, 0, 1, 0, 0, 0, 0])
  const destination = prefix === 0 ? [] : [attribute(1, Uint8Array.from(to))]
  const gateway = attribute(5, Uint8Array.from([192, 0, 2, 1]))
  return request(24, 2, Buffer.concat([body, attribute(15, 254), ...destination, gateway]))
}

function fakeIp(routes: Listed[]): Run {
  const printed = routes.map(({ to, prefix, protocol }) => ({
    type: '1',
    dst: prefix === 0 ? 'default' : `${to.join('.')}/${prefix}`,
    gateway: '192.0.2.1',
    table: '254',
    protocol: String(protocol),
    flags: [],
  }))
  return async () => ({ exitCode: 0, stderr: '', stdout: `[]\n${JSON.stringify(printed)}\n[]\n` })
}

async function both(routes: Listed[], networks: string[] | null) {
  const needed = networks === null ? undefined : routesNeededFor(networks)
  const quick = { networks: new Map(), left: [], hostIds: new Map() }
  const netlink = readHostByNetlink(fakeLibc(routes), quick, new Map(), { ipv6: false, routes: needed })
  const ip = await readHost(fakeIp(routes), { ids: false, ipv6: false, routes: needed })
  expect({ ...netlink, settings: undefined, ids: undefined }).toEqual({
    ...ip,
    settings: undefined,
    ids: undefined,
  })
  return ip
}

test('of very many routes both readers take those that a plan needs, and say how many they leave out', async () => {
  const { routes, routesLeftOut } = await both(ROUTES, ['10.1.0.0/24'])
  expect(routes.map(({ to }) => to)).toEqual([
    '0.0.0.0/0',
    '192.0.2.0/24',
    '10.1.0.128/25',
    '10.9.0.0/24',
    '10.1.0.0/16',
  ])
  expect(routesLeftOut).toEqual({ count: FEW_ROUTES, wholeFor: ['10.1.0.0/24'] })
})

test('few routes are all taken, and so are many where all are asked for', async () => {
  const few = await both(ROUTES.slice(0, FEW_ROUTES), ['10.1.0.0/24'])
  expect(few.routes).toHaveLength(FEW_ROUTES)
  expect(few.routesLeftOut).toBeUndefined()
  const all = await both(ROUTES, null)
  expect(all.routes).toHaveLength(ROUTES.length)
  expect(all.routesLeftOut).toBeUndefined()
})
