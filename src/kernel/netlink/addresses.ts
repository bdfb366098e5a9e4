import { Unclear } from './socket.ts'

/** An address as `ip` prints it, in the form that inet_ntop(3) gives it. */
export function printedAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new Unclear('an address of no known family')
  const key = bytes.toString('latin1')
  const text = known.get(key) ?? printed6(bytes)
  known.set(key, text)
  return text
}

/** Most are the same everywhere: `::1`, `ff00::`, `fe80::`. */
const known = new Map<string, string>()

function printed6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i))
  // Their last part is printed as an IPv4 address, and with IPv4-mapped ones nothing is done here.
  const leading = groups.findIndex(group => group !== 0)
  if (leading === 6 || (leading === 5 && groups[5] === 0xffff))
    throw new Unclear('an IPv4 address in an IPv6 one')
  const words = groups.map(group => group.toString(16))
  const [at, length] = longestRunOfZeros(groups)
  if (length < 2) return words.join(':')
  return `${words.slice(0, at).join(':')}::${words.slice(at + length).join(':')}`
}

/** Of several equally long ones the first. */
function longestRunOfZeros(groups: number[]): [at: number, length: number] {
  let best: [number, number] = [0, 0]
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === 0) length++
    if (length > best[1]) best = [at, length]
    at += length
  }
  return best
}
