import { isIP } from 'node:net'

/** Where metrics are served. */
export interface Address {
  host: string
  port: number
}

/** `9464`, `127.0.0.1:9464`, `[::1]:9464`; null for what is none of these, or no loopback address. */
export function loopbackAddress(text: string): Address | null {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain ?? '127.0.0.1'
  const port = Number(digits)
  const isLoopback = host === '::1' || host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'))
  return digits !== undefined && port <= 65_535 && isLoopback ? { host, port } : null
}
