import { readMark } from '../model/ownership.ts'
import type { Operation } from '../model/plan.ts'
import { sha256 } from '../model/sha256.ts'
import { type LinkSettings, settingCommands } from './link.ts'

/** Its link-local addresses: one on ends with IPv6, none on others of the host. */
export type EndAttributes = LinkSettings & {
  namespace: string
  interface: string
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
    ipIn(handle, 'quiesce', ['link', 'set', 'dev', handle.interface, 'down']),
    ipIn(handle, 'unlink', ['link', 'del', 'dev', handle.interface]),
  ]
}

/** Group and MAC are given at birth, so that the guard rules match the link from the instant it exists. */
function addPair([near, far]: Ends): Operation {
  const birth = (end: EndAttributes) => [
    ...(end.mac === undefined ? [] : ['address', end.mac]),
    ...(end.mtu === undefined ? [] : ['mtu', String(end.mtu)]),
    'group',
    String(end.group),
  ]
  return ipIn(far, 'link', [
    ...['link', 'add', 'name', far.interface, ...birth(far), 'type', 'veth'],
    ...['peer', 'name', near.interface, ...birth(near)],
    ...(near.namespace === far.namespace ? [] : ['netns', near.namespace]),
  ])
}

function setEnd(
  end: EndAttributes,
  was?: EndAttributes,
  stage: Operation['stage'] = 'configure',
): Operation[] {
  const { interface: name, master, hairpin } = end
  const port = master === undefined ? [] : master === null ? ['nomaster'] : ['master', master]
  return [
    ...settingCommands(name, end, was, port),
    ...(hairpin ? [['link', 'set', 'dev', name, 'type', 'bridge_slave', 'hairpin', 'on']] : []),
  ].map(args => ipIn(end, stage, args))
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
  return [
    ipIn(end, 'unlink', ['link', 'set', 'dev', was.interface, 'down']),
    ipIn(end, 'unlink', ['link', 'set', 'dev', was.interface, 'name', between]),
    ipIn(end, 'link', ['link', 'set', 'dev', between, 'name', end.interface]),
  ]
}

function temporaryName({ namespace, interface: name }: EndAttributes): string {
  return `nsctl${sha256(`${namespace}/${name}`).slice(0, 10)}`
}

function ipIn(end: EndAttributes, stage: Operation['stage'], args: string[]): Operation {
  return { stage, command: { tool: 'ip', namespace: end.namespace, args } }
}
