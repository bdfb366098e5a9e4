/** Numbers of linux/rtnetlink.h. */
export const GET = { link: 18, address: 22, route: 26, rule: 34, namespaceId: 90 } as const
export const NEW = { link: 16, address: 20, route: 24 } as const

/** NLM_F_… of linux/netlink.h. */
export const FLAG = { request: 1, acknowledge: 4, replace: 0x100, dump: 0x300, create: 0x400 } as const
const HEADER = 16

/** One message without its header, in the buffer that it was received in. */
export interface Message {
  type: number
  flags: number
  body: Buffer
}

/** A request: its type, the flags besides that it is one, and the body that this type has. */
export function request(type: number, flags: number, body: Buffer): Buffer {
  const message = Buffer.alloc(HEADER + body.length)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(type, 4)
  message.writeUInt16LE(FLAG.request | flags, 6)
  body.copy(message, HEADER)
  return message
}

/** The messages in what was received at once. */
export function messagesIn(buffer: Buffer): Message[] {
  const found: Message[] = []
  eachMessage(buffer, (type, flags, at, end) => found.push({ type, flags, body: buffer.subarray(at, end) }))
  return found
}

/** The same where there may be a million, most of which are not wanted: their bodies are from `at` to `end`. */
export function eachMessage(
  buffer: Buffer,
  visit: (type: number, flags: number, at: number, end: number) => void,
): void {
  for (let at = 0; at + HEADER <= buffer.length; ) {
    const length = buffer.readUInt32LE(at)
    if (length < HEADER || at + length > buffer.length) throw new Error('a netlink message was cut off')
    visit(buffer.readUInt16LE(at + 4), buffer.readUInt16LE(at + 6), at + HEADER, at + length)
    at += aligned(length)
  }
}

/** Attributes by type, behind the fixed part of a message, or nested in an attribute. */
export function attributesIn(body: Buffer, from: number): Map<number, Buffer> {
  return new Map(eachAttribute(body, from))
}

/** The same in order, where one type may come several times. */
export function eachAttribute(body: Buffer, from: number): [number, Buffer][] {
  const found: [number, Buffer][] = []
  for (let at = aligned(from); at + 4 <= body.length; ) {
    const length = body.readUInt16LE(at)
    if (length < 4 || at + length > body.length) throw new Error('a netlink attribute was cut off')
    found.push([body.readUInt16LE(at + 2) & TYPE, body.subarray(at + 4, at + length)])
    at += aligned(length)
  }
  return found
}

/** Above it are flags: nested, and of the network's byte order. */
const TYPE = 0x3fff

/** An attribute as a request takes it: a number of 32 bits, a text without its end, or bytes. */
export function attribute(type: number, value: number | string | Uint8Array): Buffer {
  const content = typeof value === 'number' ? numberOf(value) : Buffer.from(value as string)
  const bytes = Buffer.alloc(aligned(4 + content.length))
  bytes.writeUInt16LE(4 + content.length, 0)
  bytes.writeUInt16LE(type, 2)
  content.copy(bytes, 4)
  return bytes
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value | 0)
  return bytes
}

function aligned(length: number): number {
  return (length + 3) & ~3
}
