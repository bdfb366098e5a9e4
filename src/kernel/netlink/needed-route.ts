import type { NeededRoutes } from '../../model/host/needed-routes.ts'
import { FAMILY } from './routes.ts'

/** struct rtmsg */
const HEADER = 12
/** RTA_DST */
const DESTINATION = 1

/** Whether a route that begins there is needed; told without decoding it, since there may be a million. */
export function isNeeded(bytes: Buffer, at: number, end: number, { isNeeded: needs }: NeededRoutes): boolean {
  const [prefix, protocol] = [bytes[at + 1] ?? 0, bytes[at + 5] ?? 0]
  const to = destinationIn(bytes, at + HEADER, end)
  switch (bytes[at]) {
    case FAMILY.ipv4:
      return needs('ipv4', to === 0 ? 0 : bytes.readUInt32BE(to), prefix, protocol)
    case FAMILY.ipv6:
      return needs('ipv6', to === 0 ? 0 : bytes.readUIntBE(to, 6), prefix, protocol)
    default:
      return true
  }
}

/** Where the destination begins; 0 where there is none, as of a default route. */
function destinationIn(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at + 4 <= end; ) {
    if (bytes[at + 2] === DESTINATION && bytes[at + 3] === 0) return at + 4
    const length = bytes.readUInt16LE(at)
    if (length < 4) return 0
    at += (length + 3) & ~3
  }
  return 0
}
