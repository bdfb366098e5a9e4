import { createHash } from 'node:crypto'

/** rtnetlink's protocol number for routes and rules that nsctl owns. */
export const ROUTE_PROTOCOL = 110

/** Any nsctl topology, as `--src-group VALUE/MASK`. */
export const GROUP_BASE = 0x4e000000
export const GROUP_MASK = 0xff000000

/** The link group that every interface of a topology is born into: 24 bits of a hash of its name. */
export function groupOf(topology: string): number {
  const hash = createHash('sha256').update(topology).digest()
  return GROUP_BASE | hash.readUIntBE(0, 3)
}

/** Whether a link group is one of nsctl's, whichever topology's. */
export function isNsctlGroup(group: number): boolean {
  return (group & GROUP_MASK) >>> 0 === GROUP_BASE
}

/** Whether a topology can have this name, and a record or a mark be about it. */
export function isTopologyName(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,14}$/.test(text)
}

/** Whether the file format allows this name for an interface; the kernel allows much more. */
export function isInterfaceName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(text) && !['lo', 'all', 'default'].includes(text)
}

/** The alias on links, the comment on jumps, and, behind `# `, the first line of files. */
export function markOf(topology: string): string {
  return `nsctl:${topology}`
}

export function adoptedMarkOf(topology: string): string {
  return `nsctl:${topology}:adopted`
}

/** Reads a mark back; null where the text is none. */
export function readMark(text: string | null): { topology: string; adopted: boolean } | null {
  const match = /^nsctl:([a-z0-9][a-z0-9-]{0,14})(:adopted)?$/.exec(text ?? '')
  return match?.[1] === undefined ? null : { topology: match[1], adopted: match[2] !== undefined }
}

/** `NSCTL-flask-FWD`; suffixes are capitals and digits only, so that `web` never takes `web-2`'s chains. */
export function chainName(topology: string, suffix: string): string {
  return `NSCTL-${topology}-${suffix}`
}

/** Reads a chain's name back; null where it is none of nsctl's. */
export function splitChainName(chain: string): { topology: string; suffix: string } | null {
  const [, topology, suffix] = /^NSCTL-([a-z0-9][a-z0-9-]{0,14})-([A-Z][A-Z0-9]*)$/.exec(chain) ?? []
  return topology === undefined || suffix === undefined ? null : { topology, suffix }
}

/** The topology that a chain belongs to by its name, or null. */
export function chainOwner(chain: string): string | null {
  return splitChainName(chain)?.topology ?? null
}
