import { cidr } from '../model/address.ts'
import { type Diagnostic, InvalidTopology, type Source } from '../model/diagnostic.ts'
import { groupOf } from '../model/ownership.ts'
import { formatPorts } from '../model/ports.ts'
import type { Forward, Topology } from '../model/topology.ts'
import { rivalsAmong, sameFamilyAndProtocol } from './check/conflicts.ts'
import { overlapsAmong } from './check/overlaps.ts'
import { loadTopology, nameOfTopology } from './load.ts'
import { type Code, SUMMARIES } from './parse/codes.ts'
import type { Environment } from './parse/interpolate.ts'

/** A topology file, read. */
export interface TopologyText {
  /** As messages name it. */
  file: string
  text: string
}

interface LoadedFile extends TopologyText {
  topology: Topology
}

/** The files of one directory: they describe one host together. */
export interface Together {
  /** Those that are valid by themselves, in the order given. */
  topologies: LoadedFile[]
  /** Names in files that are wrong elsewhere; null for a file whose very name cannot be told. */
  invalid: { file: string; name: string | null }[]
  /** Of every file in turn, warnings too; then, at the file they are told of, the conflicts between files. */
  diagnostics: Diagnostic[]
}

/**
 * Loads the files of a directory, and holds them against each other: what two topologies on one host cannot both have
 * is an error before anything is applied. Reads nothing but its arguments; throws nothing that is wrong with a file.
 */
export function loadTogether(files: readonly TopologyText[], env: Environment): Together {
  const topologies: LoadedFile[] = []
  const invalid: Together['invalid'] = []
  const diagnostics: Diagnostic[] = []
  for (const { file, text } of files) {
    try {
      const { topology, warnings } = loadTopology(text, file, env)
      topologies.push({ file, text, topology })
      diagnostics.push(...warnings)
    } catch (error) {
      if (!(error instanceof InvalidTopology)) throw error
      diagnostics.push(...error.diagnostics)
      invalid.push({ file, name: nameOrNull(text, file, env) })
    }
  }
  return { topologies, invalid, diagnostics: [...diagnostics, ...conflictsBetween(topologies)] }
}

/** Files that a conflict, or a mistake of their own, keeps from being applied. */
export function refusedFiles({ diagnostics }: Together): Set<string> {
  return new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ source }) => source.file))
}

function nameOrNull(text: string, file: string, env: Environment): string | null {
  try {
    return nameOfTopology(text, file, env)
  } catch (error) {
    if (error instanceof InvalidTopology) return null
    throw error
  }
}

/** Told at the later of two files, with the place in the earlier one. */
interface Clash {
  code: Code
  earlier: Source
  later: Source
  what: string
  /** As in `accept`, where an operator may know and want it. */
  acceptable?: string
}

function conflictsBetween(files: LoadedFile[]): Diagnostic[] {
  const twice = clashesBy(files, 'duplicate-topology', ({ topology }) => [
    { key: topology.name, source: topology.source, what: `the topology ${topology.name}` },
  ])
  // Two versions of one topology have everything in common: that is said once.
  const first = files.filter(one => files.find(({ topology }) => topology.name === one.topology.name) === one)
  const clashes = [
    ...twice,
    ...clashesBy(first, 'group-clash', ({ topology }) => [
      { key: String(groupOf(topology.name)), source: topology.source, what: 'its link group' },
    ]),
    ...clashesBy(first, 'duplicate-namespace', ({ topology }) =>
      topology.namespaces.map(({ name, source }) => ({ key: name, source, what: `namespace ${name}` })),
    ),
    ...clashesBy(first, 'duplicate-interface', hostInterfacesOf),
    ...clashesBy(first, 'duplicate-route', ({ topology }) =>
      topology.hostRoutes.map(({ to, metric, source }) => ({
        key: `${to} ${metric}`,
        source,
        what: `a route of the host to ${to}`,
      })),
    ),
    ...networkClashes(first),
    ...portClashes(first),
  ]
  const place = ({ source }: Diagnostic) => files.findIndex(({ file }) => file === source.file)
  return clashes
    .flatMap(clash => diagnosticOf(clash, files))
    .toSorted(
      (a, b) => place(a) - place(b) || a.source.line - b.source.line || a.source.column - b.source.column,
    )
}

interface Holding {
  key: string
  source: Source
  what: string
}

/** What only one file may hold. */
function clashesBy(files: LoadedFile[], code: Code, holdingsOf: (file: LoadedFile) => Holding[]): Clash[] {
  const holders = new Map<string, { file: string; source: Source }>()
  return files.flatMap(one =>
    holdingsOf(one).flatMap(({ key, source, what }) => {
      const other = holders.get(key)
      if (other === undefined) holders.set(key, { file: one.file, source })
      if (other === undefined || other.file === one.file) return []
      return [{ code, earlier: other.source, later: source, what }]
    }),
  )
}

function hostInterfacesOf({ topology }: LoadedFile): Holding[] {
  const bridges = topology.subnets.flatMap(({ bridge, source }) =>
    bridge === null ? [] : [{ name: bridge, source }],
  )
  const ends = topology.veths.flatMap(({ ends }) =>
    ends.flatMap(end => (end.namespace === 'host' ? [{ name: end.interface, source: end.source }] : [])),
  )
  return [...bridges, ...ends].map(({ name, source }) => ({
    key: name,
    source,
    what: `interface ${name} on the host`,
  }))
}

/** Only networks that the host is in: what two namespaces have between themselves nobody else meets. */
function networkClashes(files: LoadedFile[]): Clash[] {
  const territories = files.flatMap(({ file, topology }) => {
    const onHost = new Set(
      topology.veths
        .filter(({ ends }) => ends.some(end => end.namespace === 'host'))
        .map(({ subnet }) => subnet),
    )
    return topology.subnets
      .filter(({ name, gateways, bridge }) => onHost.has(name) && (bridge === null || gateways.length > 0))
      .flatMap(({ name, networks, source }) =>
        networks.map(text => ({
          network: cidr(text),
          what: `${text} of ${topology.name}`,
          file,
          source,
          acceptable: `subnet-overlap:${name}`,
        })),
      )
  })
  return overlapsAmong(territories)
    .filter(([earlier, later]) => earlier.file !== later.file)
    .map(([earlier, later]) => ({
      code: 'overlapping-subnets',
      earlier: earlier.source,
      later: later.source,
      what: earlier.what,
      acceptable: later.acceptable,
    }))
}

function portClashes(files: LoadedFile[]): Clash[] {
  const placed = files.flatMap(({ file, topology }) =>
    topology.forwards.map(forward => ({ file, topology: topology.name, forward })),
  )
  // Through whichever uplink: so does a plan judge what another topology publishes.
  const clash = (a: (typeof placed)[number], b: (typeof placed)[number]) =>
    a.file !== b.file && sameFamilyAndProtocol(a.forward, b.forward)
  const order = new Map(placed.map((one, index) => [one, index]))
  return rivalsAmong(placed, clash).map(([a, b]) => {
    const [earlier, later] = (order.get(a) ?? 0) < (order.get(b) ?? 0) ? [a, b] : [b, a]
    return {
      code: 'conflicting-forwards',
      earlier: earlier.forward.source,
      later: later.forward.source,
      what: `${protocolsOf(earlier.forward, later.forward)} ${formatPorts(earlier.forward.listenPorts)} of ${earlier.topology}`,
      acceptable: `port-held:${later.forward.protocols[0]}/${later.forward.listenPorts.first}`,
    }
  })
}

function protocolsOf(a: Forward, b: Forward): string {
  return a.protocols.filter(protocol => b.protocols.includes(protocol)).join(', ')
}

function diagnosticOf(
  { code, earlier, later, what, acceptable }: Clash,
  files: readonly LoadedFile[],
): Diagnostic[] {
  const at = files.find(({ file }) => file === later.file)
  if (acceptable !== undefined && at?.topology.accept.includes(acceptable)) return []
  return [
    {
      severity: 'error',
      code,
      summary: SUMMARIES[code],
      source: later,
      line: at?.text.split(/\r?\n/)[later.line - 1] ?? '',
      notes: [`${what} is in ${earlier.file}:${earlier.line} already`, WAYS_OUT],
    },
  ]
}

const WAYS_OUT = 'the files of a directory describe one host together: only one of them can have it'
