import type { Snapshot } from '../../model/host/snapshot.ts'
import { markOf } from '../../model/ownership.ts'
import type { Operation } from '../../model/plan/plan.ts'
import type { Namespace, Topology } from '../../model/topology.ts'
import type { Kind } from '../kind.ts'
import { type Claimed, claimObject, claimOn, isHeldBy } from './claim.ts'

type FileAttributes = {
  path: string
  content: string
  /** Directories above it that nsctl made, outermost first: they go too, once they are empty. */
  directories: string[]
}

const ROOT = '/etc/netns'

/** resolv.conf of a namespace, which `ip netns exec` puts in place of the host's. */
export const file: Kind<FileAttributes> = {
  name: 'file',
  layer: 'host',

  desired: (topology, snapshot) =>
    topology.namespaces.flatMap(namespace => {
      const content = resolvConf(topology, namespace, snapshot)
      if (content === null) return []
      const path = `${ROOT}/${namespace.name}/resolv.conf`
      const directories = [ROOT, `${ROOT}/${namespace.name}`].filter(
        directory => !exists(snapshot, directory) || claimOn(snapshot, claimed(directory)) !== undefined,
      )
      return [
        {
          kind: 'file' as const,
          id: `file/${namespace.name}/resolv.conf`,
          scope: namespace.name,
          attributes: { path, content, directories },
          owned: true,
          within: [],
          reason: namespace.nameservers
            ? null
            : "the host's resolver listens on loopback only: its upstream servers instead",
          source: namespace.source,
        },
      ]
    }),

  observed: (snapshot, topology) =>
    Object.entries(snapshot.etcNetns).flatMap(([name, content]) => {
      if (content === null || !content.startsWith(`# ${markOf(topology)}\n`)) return []
      const [namespace = '', ...rest] = name.split('/')
      const directories = [ROOT, `${ROOT}/${namespace}`].filter(directory =>
        isHeldBy(snapshot, topology, claimed(directory)),
      )
      return [
        {
          kind: 'file',
          id: `file/${name}`,
          scope: namespace,
          attributes: { path: `${ROOT}/${namespace}/${rest.join('/')}`, content, directories },
          owned: true,
          within: [],
          reason: null,
          source: null,
        },
      ]
    }),

  create: ({ attributes: { path, content, directories } }) => [
    ...directories.map(directory => claimObject(claimed(directory))),
    ...[ROOT, path.slice(0, path.lastIndexOf('/'))].map(
      (directory): Operation => ({ stage: 'file', command: { tool: 'mkdir', path: directory } }),
    ),
    { stage: 'file', command: { tool: 'write', path, content } },
  ],

  update: (_before, after) => file.create(after),

  remove: ({ attributes: { path, directories } }) => [
    { stage: 'unname', command: { tool: 'unlink', path } },
    ...directories
      .toReversed()
      .map((directory): Operation => ({ stage: 'release', command: { tool: 'rmdir', path: directory } })),
  ],

  // Files of several namespaces share the directory above theirs.
  claims: { of: ({ attributes }) => attributes.directories.map(claimed) },

  likelyAuthor: () => 'an editor, or a program that writes /etc/netns',

  title: ({ path }) => `file ${path}`,
  detail: ({ content }) =>
    content
      .split('\n')
      .filter(line => line.startsWith('nameserver '))
      .join(', '),
  differences: (before, after) => {
    const [was, is] = [before.content.split('\n'), after.content.split('\n')]
    return [
      ...was.filter(line => !is.includes(line)).map(line => `- ${line}`),
      ...is.filter(line => !was.includes(line)).map(line => `+ ${line}`),
    ]
  },
}

/** Content for a namespace, or null where the host's own file serves, or no server is known. */
function resolvConf(
  topology: Topology,
  { nameservers, search }: Namespace,
  { host }: Snapshot,
): string | null {
  const servers = nameservers ?? (host.loopbackResolver ? host.nameservers : [])
  const domains = search.length > 0 ? search : nameservers === null ? host.search : []
  if (servers.length === 0 && search.length === 0) return null
  const fallback = servers.length > 0 ? servers : host.nameservers
  return [
    `# ${markOf(topology.name)}`,
    ...fallback.map(server => `nameserver ${server}`),
    ...(domains.length > 0 ? [`search ${domains.join(' ')}`] : []),
    '',
  ].join('\n')
}

function exists(snapshot: Snapshot, directory: string): boolean {
  return directory === ROOT
    ? '/' in snapshot.etcNetns
    : `${directory.slice(ROOT.length + 1)}/` in snapshot.etcNetns
}

function claimed(directory: string): Claimed {
  return { kind: 'directory', scope: 'host', key: directory }
}
