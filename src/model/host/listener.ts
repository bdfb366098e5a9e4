import { familyOf } from '../address.ts'
import type { Listener } from './snapshot.ts'

const EVERY = { ipv4: '0.0.0.0', ipv6: '::' } as const

/** Whether what is sent to an address comes to a socket: `*` takes both families, `0.0.0.0` and `::` their own. */
export function hears({ address }: Pick<Listener, 'address'>, destination: string): boolean {
  return ['*', destination, EVERY[familyOf(destination)]].includes(address)
}
