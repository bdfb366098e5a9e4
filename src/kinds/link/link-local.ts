import { cidr, formatCidr } from '../../model/address.ts'
import type { IpCommand } from '../../model/command/ip.ts'
import type { Link } from '../../model/host/snapshot.ts'
import { sha256 } from '../../model/text/sha256.ts'

/**
 * The IPv6 link-local address that nsctl gives a link itself, without duplicate address detection: the kernel's own
 * would be tentative for a second or two, in which neighbours are not found.
 */
export function linkLocalOf(topology: string, namespace: string, name: string): string {
  const hash = sha256(`${topology}/${namespace}/${name}`)
  const groups = hash.slice(0, 16).match(/.{4}/g) ?? []
  return formatCidr(cidr(`fe80::${groups.join(':')}/64`))
}

/** On links below that the kernel has no IPv6 at all, and no setting of it. */
const LEAST_MTU_OF_IPV6 = 1280

export function carriesIpv6(mtu: number | null | undefined): boolean {
  return mtu == null || mtu >= LEAST_MTU_OF_IPV6
}

export function linkLocalsOf(link: Link): string[] {
  return link.addresses
    .map(({ address }) => address)
    .filter(address => isIpv6LinkLocal(address))
    .sort()
}

/** Whether its link-local address is the one that the kernel makes of the MAC, as where nobody asked for another. */
export function hasKernelsLinkLocal(link: Link): boolean {
  const [own, ...others] = linkLocalsOf(link)
  const bytes = link.mac.split(':').map(byte => Number.parseInt(byte, 16))
  if (own === undefined || others.length > 0 || bytes.length !== 6) return false
  const [first = 0, ...rest] = bytes
  const id = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)]
  const groups = [0, 2, 4, 6].map(at => (((id[at] ?? 0) << 8) | (id[at + 1] ?? 0)).toString(16))
  return own === formatCidr(cidr(`fe80::${groups.join(':')}/64`))
}

export function isIpv6LinkLocal(address: string): boolean {
  // fe80::/10: its first 16 bits are never written shorter.
  return /^fe[89ab][0-9a-f]:/i.test(address)
}

/**
 * Commands that give a link the link-local addresses wanted, in front of and behind the one that puts it up: the kernel
 * makes its own at that moment.
 */
export function linkLocalCommands(
  at: { namespace: string; dev: string },
  wanted: string[] | undefined,
  was: string[] | undefined,
  rises: boolean,
): [IpCommand[], IpCommand[]] {
  if (wanted === undefined) return [[], []]
  const silence: IpCommand[] = [{ tool: 'ip', ...at, op: 'link-set', addrgenmode: 'none' }]
  if (String(was ?? null) === String(wanted)) return [rises ? silence : [], []]
  const flush: IpCommand = { tool: 'ip', ...at, op: 'address-flush', scope: 'link' }
  return [
    silence,
    [
      ...(was && was.length > 0 ? [flush] : []),
      ...wanted.map(
        (address): IpCommand => ({ tool: 'ip', ...at, op: 'address-replace', address, nodad: true }),
      ),
    ],
  ]
}
