import { type Draft, listed, numbered } from './draft.ts'
import type { Route, TopologyFile } from './file.ts'
import type { Path } from './tree.ts'

interface Place {
  path: Path
  key?: boolean
}

/** What the format describes and nsctl does not build yet. What works is deleted from this list, and nothing else. */
const UNSUPPORTED: { what: string; find(file: TopologyFile): Place[] }[] = [
  { what: 'bridges', find: file => subnetKey(file, 'bridge') },
  {
    what: 'segments without the host',
    find: file => subnetKey(file, 'gateway').filter(({ path }) => file.subnets && gatewayIsNone(file, path)),
  },
  {
    what: 'host-access: false',
    find: file => subnetKey(file, 'host-access').filter(({ path }) => isFalse(file, path)),
  },
  { what: 'IPv6', find: ipv6Places },
  {
    what: 'udp and sctp',
    find: file => forwardPlaces(file, 'protocol', text => listed(text.protocol).some(one => one !== 'tcp')),
  },
  {
    what: 'ranges of ports',
    find: file =>
      forwardPlaces(file, 'listen', ({ listen }) =>
        String(listen)
          .replace(/^.*[\]:]/, '')
          .includes('-'),
      ),
  },
  {
    what: 'forwards for some sources only',
    find: file => forwardPlaces(file, 'sources', text => text.sources !== undefined),
  },
  { what: 'direct paths', find: file => whole(file, 'allow') },
  { what: 'expectations', find: file => whole(file, 'expect') },
  { what: 'accepted findings', find: file => whole(file, 'accept') },
  { what: 'rates', find: ratePlaces },
]

export function checkSupported({ file, report }: Draft): void {
  for (const { what, find } of UNSUPPORTED) {
    for (const place of find(file))
      report.error('not-supported-yet', place, `${what}: described, but not built yet`, 'remove it for now')
  }
}

function whole(file: TopologyFile, key: 'allow' | 'expect' | 'accept'): Place[] {
  return (file[key]?.length ?? 0) > 0 ? [{ path: [key], key: true }] : []
}

function subnetKey(file: TopologyFile, key: 'bridge' | 'gateway' | 'host-access'): Place[] {
  return Object.entries(file.subnets ?? {})
    .filter(([, subnet]) => typeof subnet !== 'string' && subnet[key] !== undefined)
    .map(([name]) => ({ path: ['subnets', name, key], key: true }))
}

function gatewayIsNone(file: TopologyFile, [, name]: Path): boolean {
  const subnet = file.subnets?.[String(name)]
  return typeof subnet === 'object' && subnet.gateway === 'none'
}

function isFalse(file: TopologyFile, [, name]: Path): boolean {
  const subnet = file.subnets?.[String(name)]
  return typeof subnet === 'object' && subnet['host-access'] === false
}

type ForwardText = NonNullable<TopologyFile['forwards']>[number]

function forwardPlaces(
  file: TopologyFile,
  key: keyof ForwardText,
  wanted: (text: ForwardText) => boolean,
): Place[] {
  return numbered(file.forwards)
    .filter(([, text]) => wanted(text))
    .map(([index]) => ({ path: ['forwards', index, key] }))
}

function ratePlaces(file: TopologyFile): Place[] {
  return ends(file).flatMap(([path, end]) =>
    typeof end === 'object' && end.rate !== undefined ? [{ path: [...path, 'rate'] }] : [],
  )
}

function ends(file: TopologyFile): [Path, NonNullable<TopologyFile['veths']>[number]['ends'][number]][] {
  return numbered(file.veths).flatMap(([index, veth]) =>
    veth.ends.map((end, side): [Path, typeof end] => [['veths', index, 'ends', side], end]),
  )
}

function ipv6Places(file: TopologyFile): Place[] {
  const texts: [Path, unknown][] = []
  for (const [name, subnet] of Object.entries(file.subnets ?? {})) {
    if (typeof subnet === 'string') texts.push([['subnets', name], subnet])
    else for (const key of ['cidr', 'gateway'] as const) texts.push([['subnets', name, key], subnet[key]])
  }
  for (const [path, end] of ends(file))
    if (typeof end === 'object') texts.push([[...path, 'address'], end.address])
  for (const [name, { routes }] of Object.entries(file.namespaces ?? {}))
    texts.push(...routeTexts(['namespaces', name, 'routes'], routes))
  texts.push(...routeTexts(['host', 'routes'], file.host?.routes))
  for (const [index, { listen }] of numbered(file.forwards)) {
    if (String(listen).startsWith('[')) texts.push([['forwards', index, 'listen'], listen])
  }
  return texts.flatMap(([path, value]) => colonPlaces(path, value))
}

function routeTexts(path: Path, routes: Route[] | undefined): [Path, unknown][] {
  return numbered(routes).flatMap(([index, { to, via }]): [Path, unknown][] => [
    [[...path, index, 'to'], to],
    [[...path, index, 'via'], via],
  ])
}

/** Every text with a colon, in a place where only addresses stand. */
function colonPlaces(path: Path, value: unknown): Place[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => colonPlaces([...path, index], item))
  return typeof value === 'string' && value.includes(':') ? [{ path }] : []
}
