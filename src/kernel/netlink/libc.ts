import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { endianness } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** The calls of the C library that node has no name for. Each returns what C does; `errno` says why it was below 0. */
export interface Libc {
  setns(descriptor: number, type: number): number
  socket(domain: number, type: number, protocol: number): number
  bind(descriptor: number, address: Buffer, length: number): number
  send(descriptor: number, bytes: Buffer, length: number, flags: number): number
  recv(descriptor: number, bytes: Buffer, length: number, flags: number): number
  close(descriptor: number): number
  errno(): number
}

export interface NetlinkChoice {
  /** What networks are read with, and namespaces configured; absent: `ip`. */
  reader?: 'auto' | 'ip' | 'netlink'
  /** Path of nsctl itself: the library that netlink takes is looked for beside it. */
  program?: string
}

/** Netlink was asked for, and cannot be had. */
class NoNetlink extends Error {
  constructor() {
    super(
      '--reader netlink needs the package koffi beside nsctl, for this machine; install it, or leave it to --reader auto',
    )
    this.name = 'NoNetlink'
  }
}

/** To load the library takes as long as some ten namespaces with `ip`. */
const MANY = 20

/** The C library where netlink is to be used for so many namespaces; throws NoNetlink. */
export function libcFor({ reader = 'ip', program = '' }: NetlinkChoice, namespaces: number): Libc | null {
  if (reader === 'ip' || (reader === 'auto' && namespaces < MANY)) return null
  const libc = loadLibc(program)
  if (libc === null && reader === 'netlink') throw new NoNetlink()
  return libc
}

let loaded: Libc | null | undefined

/**
 * The C library by way of koffi, which is optional; null where that is not installed with nsctl, or not for this
 * machine. It is looked for in the two places that npm puts it, and not, as `require` does, in every directory above and
 * in the home directory: root runs nothing that another user could have put there.
 */
export function loadLibc(program: string): Libc | null {
  if (loaded === undefined) loaded = load(program)
  return loaded
}

function load(program: string): Libc | null {
  // The decoders read numbers as this order has them; iproute2 is there for the others.
  if (endianness() !== 'LE') return null
  try {
    const root = dirname(dirname(realpathSync(program)))
    const beside = basename(dirname(root)) === 'node_modules' ? [dirname(root)] : []
    const modules = [join(root, 'node_modules'), ...beside].find(isComplete)
    if (modules === undefined) return null
    const koffi = createRequire(join(modules, 'koffi', 'package.json'))('koffi') as typeof import('koffi')
    const c = koffi.load(null)
    return {
      setns: c.func('int setns(int, int)'),
      socket: c.func('int socket(int, int, int)'),
      bind: c.func('int bind(int, void *, uint32_t)'),
      send: c.func('long send(int, void *, size_t, int)'),
      recv: c.func('long recv(int, _Out_ void *, size_t, int)'),
      close: c.func('int close(int)'),
      errno: () => koffi.errno(),
    }
  } catch {
    return null
  }
}

/** With its machine's half: where that is missing koffi would go on looking for it elsewhere. */
function isComplete(modules: string): boolean {
  return (
    existsSync(join(modules, 'koffi')) && existsSync(join(modules, '@koromix', `koffi-linux-${process.arch}`))
  )
}
