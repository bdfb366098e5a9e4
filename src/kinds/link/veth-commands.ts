import type { IpCommand, NewLink } from '../../model/command/ip.ts'
import { readMark } from '../../model/ownership.ts'
import type { Operation } from '../../model/plan/plan.ts'
import { sha256 } from '../../model/text/sha256.ts'
import { type LinkSettings, linkSettings } from './link.ts'

/** Its link-local addresses: one on ends with IPv6, none on others of the host. */
export type EndAttributes = LinkSettings & {
  namespace: string
  interface: string
  /** Its other names, as observed: a file wants none. They are there for a rollback to give back. */
  altnames?: string[]
  /** On the host: the bridge whose port it is, with hairpin, or null. */
  master?: string | null
  hairpin?: boolean
}

/** The near end, whose place is the pair's identity, and the far one. */
export type Ends = [EndAttributes, EndAttributes]

export function createPair(ends: Ends): Operation[] {
  return [addPair(ends), ...ends.flatMap(end => setEnd(end))]
}

export function updatePair(before: Ends, after: Ends): Operation[] {
  return after.flatMap((end, i) => {
    const was = before[i]
    if (!was) return []
    const rename = was.interface === end.interface ? [] : renameEnd(was, end)
    const decides = i === 1
    return [...rename, ...setEnd(end, was, decides ? stageOfMark(was.mark, end.mark) : 'configure')]
  })
}

export function removePair([near, far]: Ends): Operation[] {
  const handle = far.namespace === 'host' ? far : near
  return [
    // Nothing passes a pair with one end down; the other keeps its routes, should this be taken back.
    { stage: 'quiesce', command: { ...nameOf(handle), op: 'link-set', state: 'down' } },
    { stage: 'unlink', command: { ...nameOf(handle), op: 'link-delete' } },
  ]
}

/** Group and MAC are given at birth, so that the guard rules match the link from the instant it exists. */
function addPair([near, far]: Ends): Operation {
  const elsewhere = near.namespace === far.namespace ? {} : { namespace: near.namespace }
  const command: IpCommand = {
    ...{ tool: 'ip', namespace: far.namespace, op: 'link-add', type: 'veth' },
    link: birth(far),
    peer: { ...birth(near), ...elsewhere },
  }
  return { stage: 'link', command }
}

function birth({ interface: name, mac, mtu, group }: EndAttributes): NewLink {
  return { name, group, ...(mac === undefined ? {} : { mac }), ...(mtu === undefined ? {} : { mtu }) }
}

function setEnd(
  end: EndAttributes,
  was?: EndAttributes,
  stage: Operation['stage'] = 'configure',
): Operation[] {
  const { namespace, interface: dev, master, hairpin } = end
  const commands: IpCommand[] = linkSettings(
    { namespace, dev },
    end,
    was,
    master === undefined ? {} : { master },
  )
  for (const altname of end.altnames ?? [])
    if (!was?.altnames?.includes(altname)) commands.push({ ...nameOf(end), op: 'altname-add', altname })
  if (hairpin) commands.push({ ...nameOf(end), op: 'link-set', hairpin: true })
  return commands.map(command => ({ stage, command }))
}

/**
 * The end that ownership is told by is the first to be marked when a pair is adopted and the last when it is given
 * back: whoever comes after a kill in between still sees whose it is.
 */
function stageOfMark(was: string | null, is: string | null): Operation['stage'] {
  if (is === null && was !== null) return 'unname'
  return readMark(is)?.adopted && was !== is ? 'link' : 'configure'
}

/**
 * Before Linux 6.2 a link that is up cannot be renamed; its addresses and routes are put back by the planner. By way of
 * a name that nobody has: its new one may still be that of another, which gets this one's.
 */
function renameEnd(was: EndAttributes, end: EndAttributes): Operation[] {
  const between = temporaryName(end)
  // Whoever renamed it, udev for one, may have kept its name as another one: no link gets a name that a link has.
  const kept = was.altnames?.includes(end.interface)
  return [
    { stage: 'unlink', command: { ...nameOf(was), op: 'link-set', state: 'down' } },
    ...(kept
      ? [
          {
            stage: 'unlink' as const,
            command: { ...nameOf(was), op: 'altname-delete' as const, altname: end.interface },
          },
        ]
      : []),
    { stage: 'unlink', command: { ...nameOf(was), op: 'link-set', name: between } },
    { stage: 'link', command: { ...nameOf(end), dev: between, op: 'link-set', name: end.interface } },
  ]
}

function temporaryName({ namespace, interface: name }: EndAttributes): string {
  return `nsctl${sha256(`${namespace}/${name}`).slice(0, 10)}`
}

function nameOf({ namespace, interface: dev }: EndAttributes) {
  return { tool: 'ip', namespace, dev } as const
}
