import type { Kind } from '../../../src/kinds/kind.ts'
import { namespaceId, ownsLinkIn } from '../../../src/kinds/namespace.ts'
import { linkIn, removeLink } from '../../../src/kinds/predict/links.ts'
import { networkIn } from '../../../src/model/host/scope.ts'
import { groupOf, markOf } from '../../../src/model/ownership.ts'
import type { Operation } from '../../../src/model/plan/plan.ts'
import type { Resource } from '../../../src/model/plan/resource.ts'

export type SwitchAttributes = {
  namespace: string
  mark: string | null
  group: number
  mtu: number
  state: 'up' | 'down'
}

const NAME = 'sw0'

/** A bridge inside every namespace: a kind that nothing in src knows of. */
export const innerSwitch: Kind<SwitchAttributes> = {
  name: 'switch',
  layer: 'link',

  desired: topology =>
    topology.namespaces.map(({ name: namespace, source }) => ({
      ...resourceOf({
        namespace,
        mark: markOf(topology.name),
        group: groupOf(topology.name),
        mtu: 1400,
        state: 'up',
      }),
      source,
    })),

  observed: (snapshot, topology) =>
    Object.entries(snapshot.namespaces).flatMap(([namespace, { links }]) =>
      links
        .filter(({ name, kind }) => name === NAME && kind === 'bridge')
        .map(link => ({
          ...resourceOf({
            namespace,
            mark: link.alias,
            group: link.group,
            mtu: link.mtu,
            state: link.up ? 'up' : 'down',
          }),
          owned: ownsLinkIn(snapshot, topology, namespace, link),
        })),
    ),

  create: ({ attributes }) => [
    {
      stage: 'link',
      command: {
        ...{ tool: 'ip', namespace: attributes.namespace, op: 'link-add', type: 'bridge' },
        link: { name: NAME, group: attributes.group },
      },
    },
    ...settings(attributes),
  ],
  update: (_before, { attributes }) => settings(attributes),
  remove: ({ attributes: { namespace } }) => [
    { stage: 'unlink', command: { tool: 'ip', namespace, op: 'link-delete', dev: NAME } },
  ],

  link: { interfaces: ({ namespace }) => [{ namespace, interface: NAME }] },

  predict: (snapshot, before, after) => {
    if (after === null) return removeLink(networkIn(snapshot, before?.namespace ?? ''), NAME)
    const network = networkIn(snapshot, after.namespace)
    const { mark, group, mtu, state } = after
    if (network)
      Object.assign(linkIn(network, NAME), { kind: 'bridge', alias: mark, group, mtu, up: state === 'up' })
  },

  title: () => `switch ${NAME}`,
  detail: ({ mtu }) => `mtu ${mtu}`,
}

function resourceOf(attributes: SwitchAttributes): Resource<SwitchAttributes> {
  const { namespace } = attributes
  return {
    kind: 'switch',
    id: `switch/${namespace}/${NAME}`,
    scope: namespace,
    attributes,
    owned: true,
    within: [namespaceId(namespace)],
    reason: null,
    source: null,
  }
}

function settings({ namespace, mark, mtu, state }: SwitchAttributes): Operation[] {
  return [
    {
      stage: 'configure',
      command: { tool: 'ip', namespace, op: 'link-set', dev: NAME, alias: mark ?? '', mtu, state },
    },
  ]
}
