import { networksOf } from '../../model/host/scope.ts'
import { formatRate } from '../../model/rate.ts'
import type { Kind } from '../kind.ts'
import { linkId, vethId } from '../link/link-id.ts'
import { ownsLinkIn } from '../namespace.ts'

type QdiscAttributes = {
  namespace: string
  dev: string
  /** Bits per second. */
  rate: number
}

/** What an end may send, limited by a token bucket filter at its root. */
export const qdisc: Kind<QdiscAttributes> = {
  name: 'qdisc',
  layer: 'network',

  desired: topology =>
    topology.veths.flatMap(pair =>
      pair.ends.flatMap(({ namespace, interface: dev, rate, source }) =>
        rate === null
          ? []
          : [
              {
                kind: 'qdisc' as const,
                id: qdiscId(namespace, dev),
                scope: namespace,
                attributes: { namespace, dev, rate },
                owned: true,
                within: [vethId(pair)],
                reason: null,
                source,
              },
            ],
      ),
    ),

  observed: (snapshot, topology) =>
    networksOf(snapshot).flatMap(([namespace, { links }]) =>
      links
        .filter(
          link =>
            link.kind === 'veth' &&
            ownsLinkIn(snapshot, topology, namespace, link) &&
            link.qdisc?.kind === 'tbf',
        )
        .map(link => ({
          kind: 'qdisc' as const,
          id: qdiscId(namespace, link.name),
          scope: namespace,
          attributes: { namespace, dev: link.name, rate: link.qdisc?.rate ?? 0 },
          owned: true,
          within: [linkId(namespace, link)],
          reason: null,
          source: null,
        })),
    ),

  create: ({ attributes: { namespace, dev, rate } }) => [
    {
      stage: 'sysctl',
      command: { tool: 'tc', namespace, op: 'qdisc-replace', dev, rate, burst: burstOf(rate), latency: 50 },
    },
  ],
  update: (_before, after) => qdisc.create(after),
  remove: ({ attributes: { namespace, dev } }) => [
    { stage: 'sysctl', command: { tool: 'tc', namespace, op: 'qdisc-delete', dev } },
  ],

  onInterface: {
    interfaceOf: ({ dev }) => dev,
    renamed: (resource, to) => ({
      ...resource,
      id: qdiscId(resource.scope, to),
      attributes: { ...resource.attributes, dev: to },
    }),
  },

  title: ({ dev }) => `qdisc tbf on ${dev}`,
  detail: ({ rate }) => `rate ${formatRate(rate)}`,
  differences: (before, after) => [`rate ${formatRate(before.rate)} -> ${formatRate(after.rate)}`],
}

function qdiscId(namespace: string, dev: string): string {
  return `qdisc/${namespace}/${dev}`
}

/**
 * Bytes: 4 ms at the rate, or the kernel's timer would hold it below; at least one large segment (64 KiB), or what
 * is larger than the bucket is never sent.
 */
function burstOf(rate: number): number {
  return Math.max(65_536 + 14, Math.ceil(rate / 8 / 250))
}
